import HoldfastScripts
import NIOCore
import Testing

@testable import HoldfastRedis

@Suite("Encoding of commands")
struct RedisCommandTests {
    private func encoded(_ command: RedisCommand) -> String {
        var buffer = ByteBuffer()
        let count = command.encode(into: &buffer)
        #expect(count == buffer.readableBytes)
        #expect(count <= command.maximumLength)
        return String(buffer: buffer)
    }

    @Test("every kind of argument becomes a bulk string")
    func plain() {
        let command = RedisCommand.plain(["SET", .bytes(Array("k\r\n".utf8)), .string("é"), .integer(-120), ""])
        #expect(
            encoded(command) == "*5\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$2\r\né\r\n$4\r\n-120\r\n$0\r\n\r\n")
    }

    @Test("integers keep every digit", arguments: [0, 9, 10, -1, Int64.max, Int64.min])
    func integers(number: Int64) {
        let digits = "\(number)"
        #expect(encoded(.plain([.integer(number)])) == "*1\r\n$\(digits.count)\r\n\(digits)\r\n")
    }

    @Test("a script goes by its digest, or in full")
    func scripts() {
        let script = Script(name: "test", source: "return 1")
        let keys = [Array("a".utf8)]
        #expect(
            encoded(.script(script, bySource: false, keys: keys, arguments: [5]))
                == "*5\r\n$7\r\nEVALSHA\r\n$40\r\n\(script.sha1)\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n5\r\n")
        #expect(
            encoded(.script(script, bySource: true, keys: keys, arguments: [5]))
                == "*5\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n5\r\n")
    }
}
