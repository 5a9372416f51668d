import CHoldfastHiredis

/// Turns bytes that arrive in any portions into replies.
///
/// Owns one `redisReader`. Not thread-safe: it belongs to one channel's event loop.
final class ReplyReader {
    /// hiredis moves the rest of its buffer down after each kilobyte it consumes, so a large portion at once
    /// would cost quadratic time.
    private static let sliceBytes = 16 * 1024
    /// Redis refuses larger values itself (`proto-max-bulk-len`).
    static let maximumValueBytes = 512 * 1024 * 1024
    /// No line of the protocol, an error text included, is longer than this.
    static let maximumLineBytes = 64 * 1024

    private let reader: UnsafeMutablePointer<redisReader>
    private let builder = ReplyBuilder()

    init() {
        guard let reader = redisReaderCreateWithFunctions(ReplyObjectFunctions.pointer) else {
            preconditionFailure("out of memory")
        }
        self.reader = reader
        // Otherwise it frees its buffer each time it has run empty.
        reader.pointee.maxbuf = 0
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Consumes `bytes` and appends the replies they complete to `replies`.
    ///
    /// - Throws: ``RedisError`` with `protocolViolation`; the reader is of no use afterwards.
    func feed(_ bytes: UnsafeRawBufferPointer, into replies: inout [RedisValue]) throws(RedisError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let slice = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.sliceBytes))
            rest = rest.dropFirst(Self.sliceBytes)
            guard redisReaderFeed(reader, slice.bindMemory(to: CChar.self).baseAddress, slice.count) == REDIS_OK else {
                throw violation()
            }
            try drain(into: &replies)
        }
    }

    private func drain(into replies: inout [RedisValue]) throws(RedisError) {
        while true {
            var object: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw violation() }
            guard object != nil else { return try checkLimits() }
            guard let value = builder.take() else {
                throw RedisError(.protocolViolation, "a reply ended in the middle of an array")
            }
            replies.append(value)
        }
    }

    /// Bounds what a peer that never completes a reply can make us keep.
    private func checkLimits() throws(RedisError) {
        let unread = reader.pointee.len - reader.pointee.pos
        guard unread > Self.maximumLineBytes, let buffer = reader.pointee.buf else { return }
        guard unread <= Self.maximumValueBytes + Self.maximumLineBytes else {
            throw RedisError(.protocolViolation, "a value exceeds \(Self.maximumValueBytes) bytes")
        }
        // Only the content of a bulk string may be long; its length stands on a short line of its own.
        let start = UnsafeRawBufferPointer(start: buffer + reader.pointee.pos, count: 32)
        guard isReadingBulkString, start.contains(UInt8(ascii: "\r")) else {
            throw RedisError(.protocolViolation, "a line exceeds \(Self.maximumLineBytes) bytes")
        }
    }

    private var isReadingBulkString: Bool {
        let depth = Int(reader.pointee.ridx)
        return withUnsafeBytes(of: &reader.pointee.rstack) { stack in
            let tasks = stack.bindMemory(to: redisReadTask.self)
            return tasks.indices.contains(depth) && tasks[depth].type == REDIS_REPLY_STRING
        }
    }

    private func violation() -> RedisError {
        let text = withUnsafeBytes(of: &reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisError(.protocolViolation, "the far end does not speak RESP2: \(text)")
    }
}
