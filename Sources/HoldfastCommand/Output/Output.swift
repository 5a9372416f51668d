import Glibc
import Synchronization

/// Standard output, for results only: buffered, whole lines, every write error reported.
final class Output: Sendable {
    /// Prints JSON instead of text.
    let json: Bool
    private let descriptor: Int32
    /// What an error calls the place that is written to.
    private let name: String
    private let pending = Mutex<[UInt8]>([])
    private static let bufferBytes = 65_536

    init(json: Bool, descriptor: Int32 = STDOUT_FILENO, name: String = "standard output") {
        self.name = name
        self.json = json
        self.descriptor = descriptor
    }

    /// Writes one JSON document and a line end.
    func print(_ value: OutputValue) throws(CommandError) {
        try line(OutputWriter.bytes(value))
    }

    /// Writes one line of text.
    func print(_ text: String) throws(CommandError) {
        try line(Array(text.utf8))
    }

    /// Writes `document` with `--json`, `text` otherwise.
    func print(_ document: @autoclosure () -> OutputValue, text: () -> String) throws(CommandError) {
        if json { try print(document()) } else { try print(text()) }
    }

    /// Writes bytes and a line end; sent when the buffer is full.
    func line(_ bytes: [UInt8]) throws(CommandError) {
        let full = pending.withLock { buffer -> [UInt8]? in
            buffer += bytes
            buffer.append(0x0A)
            guard buffer.count >= Self.bufferBytes else { return nil }
            defer { buffer.removeAll(keepingCapacity: true) }
            return buffer
        }
        if let full { try Self.writeAll(full, to: descriptor, name: name) }
    }

    /// Sends what is buffered.
    func flush() throws(CommandError) {
        let rest = pending.withLock { buffer -> [UInt8] in
            defer { buffer.removeAll(keepingCapacity: true) }
            return buffer
        }
        try Self.writeAll(rest, to: descriptor, name: name)
    }

    /// Writes all bytes to a descriptor.
    ///
    /// - Throws: ``CommandError``; diskFull, or I/O for anything else, such as a closed pipe.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(CommandError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            let code = errno
            switch code {
            case EINTR: continue
            case EAGAIN:
                var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waited, 1, 1_000)
            case ENOSPC, EDQUOT: throw CommandError(.diskFull, "the disk is full while writing \(name)")
            default:
                throw CommandError(
                    .internalError, "cannot write \(name): \(String(cString: strerror(code)))", isRetriable: false,
                    exitCode: .inputOutput)
            }
        }
    }

    /// Writes one line to standard error; nothing can be done where that fails.
    static func complain(_ line: String) {
        try? writeAll(Array((line + "\n").utf8), to: STDERR_FILENO, name: "standard error")
    }
}
