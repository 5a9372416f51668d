import Dispatch
import Glibc
import Synchronization

/// A file or standard input, read in chunks.
final class InputFile: @unchecked Sendable {
    // All properties are constant, and the descriptor is read on one serial queue.
    private let descriptor: Int32
    private let path: String
    private let queue = DispatchQueue(label: "holdfast.input")
    /// The size of a plain file; nil for pipes and terminals.
    let size: Int?

    /// Opens `path`; `-` is standard input.
    init(_ path: String) throws(CommandError) {
        self.path = path == "-" ? "standard input" : path
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            let reason = String(cString: strerror(code))
            switch code {
            case ENOENT, ENOTDIR: throw CommandError(.notFound, "no such file: \(path)")
            case EACCES, EPERM: throw CommandError(.denied, "cannot open \(path): \(reason)")
            default: throw CommandError(.badInput, "cannot open \(path): \(reason)", exitCode: .inputOutput)
            }
        }
        var information = stat()
        let isPlain = fstat(descriptor, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
        size = isPlain ? Int(information.st_size) : nil
    }

    deinit { close(descriptor) }

    /// The next bytes, at most 256 KiB; nil at the end.
    ///
    /// Waits on a thread of its own, until cancelled.
    func read() async throws(CommandError) -> [UInt8]? {
        let isCancelled = Flag()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { continuation.resume(returning: self.read(unless: isCancelled)) }
            }
        } onCancel: {
            isCancelled.raise()
        }
        return try result.get()
    }

    /// The same on the calling thread.
    func readBlocking() throws(CommandError) -> [UInt8]? {
        try read(unless: Flag()).get()
    }

    private func read(unless isCancelled: Flag) -> Result<[UInt8]?, CommandError> {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&state, 1, 50) <= 0 {
            if isCancelled.isRaised { return .failure(CommandError(.deadline, "stopped while reading \(path)")) }
        }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 262_144) { buffer, count in
            while true {
                let result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if result < 0 && errno == EINTR { continue }
                count = max(0, result)
                failure = result < 0 ? errno : 0
                return
            }
        }
        guard failure == 0 else {
            let reason = String(cString: strerror(failure))
            return .failure(CommandError(.badInput, "cannot read \(path): \(reason)", exitCode: .inputOutput))
        }
        return .success(bytes.isEmpty ? nil : bytes)
    }

    /// Word from the task to the thread that reads for it.
    private final class Flag: Sendable {
        private let value = Atomic(false)

        var isRaised: Bool { value.load(ordering: .relaxed) }

        func raise() { value.store(true, ordering: .relaxed) }
    }
}
