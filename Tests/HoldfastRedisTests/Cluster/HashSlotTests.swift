import HoldfastScripts
import Testing

@testable import HoldfastRedis

@Suite("Slots and keys")
struct HashSlotTests {
    @Test("the checksum is the one of the cluster specification")
    func checksum() {
        #expect(HashSlot.checksum(Array("123456789".utf8)) == 0x31c3)
        #expect(HashSlot.checksum([]) == 0)
    }

    @Test(
        "slots are those that CLUSTER KEYSLOT names",
        arguments: [
            ("foo", 12_182), ("{user1000}.following", 3443), ("{user1000}.followers", 3443), ("foo{}{bar}", 8363),
            ("foo{{bar}}zap", 4015), ("foo{bar}{zap}", 5061), ("bar", 5061), ("", 0), ("{", 4_092), ("}{a", 12_925),
        ])
    func slots(key: String, slot: Int) {
        #expect(HashSlot.of(Array(key.utf8)) == slot)
    }

    @Test(
        "the keys of a command stand where its rule says",
        arguments: [
            (["GET", "{a}1"], "a"), (["get", "{a}1"], "a"), (["SET", "{a}1", "{b}"], "a"), (["MYCOMMAND", "{a}"], "a"),
            (["DEL", "{a}1", "{a}2"], "a"), (["BLPOP", "{a}1", "{a}2", "{b}"], "a"),
            (["MSET", "{a}1", "{b}", "{a}2", "{c}"], "a"), (["LMOVE", "{a}1", "{a}2", "LEFT", "RIGHT"], "a"),
            (["EVAL", "return {b}", "2", "{a}1", "{a}2", "{b}"], "a"), (["OBJECT", "ENCODING", "{a}"], "a"),
            (["LMPOP", "2", "{a}1", "{a}2", "LEFT"], "a"), (["BLMPOP", "0", "1", "{a}1", "LEFT"], "a"),
            (["ZUNIONSTORE", "{a}1", "2", "{a}2", "{a}3", "WEIGHTS", "{b}"], "a"),
            (["BITOP", "AND", "{a}1", "{a}2"], "a"),
            (["XREAD", "COUNT", "1", "STREAMS", "{a}1", "{a}2", "0", "{b}"], "a"),
            (["PING"], ""), (["PUBLISH", "{a}", "x"], ""), (["INFO", "server"], ""),
            (["EVAL", "return 1", "0", "{a}"], ""),
        ])
    func routes(words: [String], tag: String) throws {
        let route = try CommandKeys.route(words.map { .string($0) })
        #expect(route == (tag.isEmpty ? .anyNode : .slot(HashSlot.of(Array(tag.utf8)))))
    }

    @Test(
        "keys of different slots are refused, and so is what concerns one node",
        arguments: [
            (["MGET", "a", "b"], RedisError.Code.crossSlot), (["MSET", "a", "1", "b", "2"], .crossSlot),
            (["EVALSHA", "x", "2", "a", "b"], .crossSlot), (["RENAME", "a", "b"], .crossSlot),
            (["BLPOP", "a", "b", "0"], .crossSlot), (["SCAN", "0"], .badInput), (["FLUSHALL"], .badInput),
            (["EVAL", "x", "3", "a"], .badInput), (["EVAL", "x", "y"], .badInput), (["LMPOP"], .badInput),
        ])
    func refused(words: [String], code: RedisError.Code) {
        let error = #expect(throws: RedisError.self) { try CommandKeys.route(words.map { .string($0) }) }
        #expect(error?.code == code)
    }

    @Test("all keys of a script share a slot, or it has none")
    func scripts() throws {
        let keys = ["{a}1", "{a}2"].map { Array($0.utf8) }
        #expect(try CommandKeys.route(keys: keys) == .slot(HashSlot.of(Array("a".utf8))))
        #expect(try CommandKeys.route(keys: []) == .anyNode)
        #expect(throws: RedisError.self) { try CommandKeys.route(keys: keys + [Array("b".utf8)]) }
    }
}
