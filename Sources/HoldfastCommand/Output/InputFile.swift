import Glibc

/// A file or standard input, read in chunks.
final class InputFile: @unchecked Sendable {
    // The descriptor is never changed after init, and each instance is read by one task.
    private let descriptor: Int32
    private let path: String
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
    func read() throws(CommandError) -> [UInt8]? {
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
            throw CommandError(
                .badInput, "cannot read \(path): \(String(cString: strerror(failure)))", exitCode: .inputOutput)
        }
        return bytes.isEmpty ? nil : bytes
    }
}
