import HoldfastScripts
import NIOCore

/// A command on its way, encoded at the last moment straight into a lane's buffer.
enum RedisCommand: Sendable {
    case plain([RedisArgument])
    /// EVALSHA, or EVAL with the whole text.
    case script(Script, bySource: Bool, keys: [[UInt8]], arguments: [RedisArgument])
    /// ASKING and, right behind it, the command that it is for.
    indirect case asking(RedisCommand)

    /// How many replies it gets; the last one is the caller's.
    var replyCount: Int {
        if case .asking = self { 2 } else { 1 }
    }

    /// An upper bound of what ``encode(into:)`` writes.
    var maximumLength: Int {
        switch self {
        case .plain(let arguments):
            RESPWriter.maximumLineBytes + Self.maximumLength(arguments)
        case .script(let script, let bySource, let keys, let arguments):
            keys.reduce(
                // The line of the array, the name of the command and the number of keys.
                3 * RESPWriter.maximumLineBytes + 32
                    + RESPWriter.maximumLength(of: bySource ? script.source.utf8.count : script.sha1.utf8.count)
                    + Self.maximumLength(arguments)
            ) { $0 + RESPWriter.maximumLength(of: $1.count) }
        case .asking(let command):
            RESPWriter.maximumLineBytes + RESPWriter.maximumLength(of: 6) + command.maximumLength
        }
    }

    /// Appends the command and returns its length.
    ///
    /// `room` is its ``maximumLength``, for callers that know it.
    func encode(into buffer: inout ByteBuffer, room: Int? = nil) -> Int {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room ?? maximumLength) { room in
            guard let base = room.baseAddress else { return 0 }
            var writer = RESPWriter(base)
            write(to: &writer)
            return writer.count
        }
    }

    private func write(to writer: inout RESPWriter) {
        switch self {
        case .plain(let arguments):
            writer.array(arguments.count)
            Self.write(arguments, to: &writer)
        case .script(let script, let bySource, let keys, let arguments):
            writer.array(3 + keys.count + arguments.count)
            writer.bulk(constant: bySource ? "EVAL" : "EVALSHA")
            writer.bulk(bySource ? script.source : script.sha1)
            writer.bulk(Int64(keys.count))
            for key in keys { key.withUnsafeBytes { writer.bulk($0) } }
            Self.write(arguments, to: &writer)
        case .asking(let command):
            writer.array(1)
            writer.bulk(constant: "ASKING")
            command.write(to: &writer)
        }
    }

    private static func maximumLength(_ arguments: [RedisArgument]) -> Int {
        var total = 0
        for argument in arguments {
            switch argument {
            case .bytes(let bytes): total += RESPWriter.maximumLength(of: bytes.count)
            case .string(let text): total += RESPWriter.maximumLength(of: text.utf8.count)
            case .integer: total += RESPWriter.maximumLength(of: 20)
            }
        }
        return total
    }

    private static func write(_ arguments: [RedisArgument], to writer: inout RESPWriter) {
        for argument in arguments {
            switch argument {
            case .bytes(let bytes): bytes.withUnsafeBytes { writer.bulk($0) }
            case .string(let text): writer.bulk(text)
            case .integer(let number): writer.bulk(number)
            }
        }
    }
}
