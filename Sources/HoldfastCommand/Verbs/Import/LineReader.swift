/// Cuts a stream of bytes into lines, and keeps count of them.
struct LineReader {
    struct Line: Sendable {
        let number: Int
        /// Nil for a line that is longer than the limit; its bytes were dropped.
        let bytes: [UInt8]?
        /// What it took of the input, with its end.
        let size: Int

        /// Whether nothing but spaces and tabs is in it.
        var isBlank: Bool { bytes?.allSatisfy { $0 == 0x20 || $0 == 0x09 } ?? false }

        /// What is in it.
        ///
        /// - Throws: ``CommandError`` with code `badInput` for a line that was too long.
        func content() throws(CommandError) -> [UInt8] {
            guard let bytes else {
                throw CommandError(.badInput, "the line is longer than \(LineReader.maximumBytes) bytes")
            }
            return bytes
        }
    }

    /// A document of 4 MiB, written with an escape for every byte, and what stands around it.
    static let maximumBytes = 32 << 20

    private let input: InputFile
    private var buffer: [UInt8] = []
    private var position = 0
    private var number = 0
    private var isAtEnd = false

    init(_ input: InputFile) {
        self.input = input
    }

    /// The next line without its end, or nil at the end of the input.
    mutating func next() async throws(CommandError) -> Line? {
        var searched = position
        var dropped = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { position = end + 1 }
                return line(upTo: end, size: end + 1 - position + dropped, isTooLong: dropped > 0)
            }
            if isAtEnd {
                guard position < buffer.count || dropped > 0 else { return nil }
                defer { position = buffer.count }
                return line(upTo: buffer.count, size: buffer.count - position + dropped, isTooLong: dropped > 0)
            }
            if buffer.count - position > Self.maximumBytes {
                dropped += buffer.count - position
                position = buffer.count
            }
            buffer.removeSubrange(..<position)
            position = 0
            searched = buffer.count
            if let chunk = try await input.read() { buffer += chunk } else { isAtEnd = true }
        }
    }

    /// The next line; nil at the end of the input and after a cancellation.
    mutating func nextUnlessCancelled() async throws(CommandError) -> Line? {
        do throws(CommandError) {
            let line = try await next()
            return Task.isCancelled ? nil : line
        } catch {
            guard Task.isCancelled else { throw error }
            return nil
        }
    }

    private mutating func line(upTo end: Int, size: Int, isTooLong: Bool) -> Line {
        number += 1
        var bytes = buffer[position..<end]
        if bytes.last == 0x0D { bytes.removeLast() }
        return Line(number: number, bytes: isTooLong ? nil : Array(bytes), size: size)
    }
}
