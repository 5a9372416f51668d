import HoldfastRedis
import Testing

@Suite("Reply values")
struct RedisValueTests {
    @Test("accessors answer for their kind and nothing else")
    func accessors() {
        #expect(RedisValue.integer(7).integer == 7)
        #expect(RedisValue.bytes(Array("-9007199254740993".utf8)).integer == -9_007_199_254_740_993)
        #expect(RedisValue.bytes(Array("7x".utf8)).integer == nil)
        #expect(RedisValue.status("OK").string == "OK")
        #expect(RedisValue.bytes([0xff]).string == nil)
        #expect(RedisValue.bytes([0xff]).bytes == [0xff])
        #expect(RedisValue.array([.null]).array == [.null])
        #expect(RedisValue.null.isNull)
        #expect(RedisValue.null.array == nil)
    }

    @Test("a failed decoding names the kinds, never the value")
    func decoding() throws {
        let elements = try RedisValue.array([.integer(1)]).decodeArray(minimum: 1)
        #expect(elements == [.integer(1)])
        let error = #expect(throws: RedisError.self) {
            try RedisValue.bytes(Array("secret".utf8)).decodeInteger("token")
        }
        #expect(error?.code == .protocolViolation)
        #expect(error?.message == "token: expected an integer, found 6 bytes")
    }

    @Test(
        "error replies are judged by their first word",
        arguments: [
            ("LOADING Redis is loading the dataset in memory", RedisError.Code.unavailable),
            ("OOM command not allowed", .unavailable), ("CLUSTERDOWN Hash slot not served", .unavailable),
            ("READONLY You can't write against a read only replica.", .unavailable),
            ("NOREPLICAS Not enough good replicas to write.", .unavailable), ("MISCONF x", .unavailable),
            ("BUSY Redis is busy running a script", .unavailable), ("NOAUTH Authentication required.", .denied),
            ("WRONGPASS invalid username-password pair", .denied), ("NOPERM no", .denied),
            ("ERR The user executing the script can't run this command or subcommand script: x", .denied),
            ("WRONGTYPE Operation against a key", .server), ("ERR syntax error", .server), ("", .server),
        ])
    func judgement(text: String, code: RedisError.Code) {
        #expect(RedisError(RedisServerError(text: text)).code == code)
    }

    @Test("an error's message leaves quoted arguments out")
    func quotedArguments() {
        let reply = RedisServerError(text: "ERR unknown command 'X', with args beginning with: 'secret' ")
        #expect(RedisError(reply).message == "Redis answered ERR unknown command 'X'")
        #expect(reply.prefix == "ERR")
    }
}
