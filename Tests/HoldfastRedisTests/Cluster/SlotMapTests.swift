import Testing

@testable import HoldfastRedis

@Suite("The slot map")
struct SlotMapTests {
    typealias Address = RedisConfiguration.Address

    private let asked = Address.tcp(host: "seed", port: 7000)

    private func node(_ host: RedisValue, _ port: Int64) -> RedisValue {
        .array([host, .integer(port), .bytes(Array("id".utf8)), .array([])])
    }

    private func text(_ text: String) -> RedisValue { .bytes(Array(text.utf8)) }

    @Test("ranges, replicas and slots of nobody are read")
    func read() throws {
        let map = try SlotMap(
            .array([
                .array([.integer(0), .integer(99), node(text("a"), 1), node(text("c"), 3)]),
                .array([.integer(200), .integer(16_383), node(text("b"), 2)]),
            ]), askedAt: asked)
        let (a, b, c) = (
            Address.tcp(host: "a", port: 1), Address.tcp(host: "b", port: 2), Address.tcp(host: "c", port: 3)
        )
        #expect(map.owner(of: 0) == a && map.owner(of: 99) == a)
        #expect(map.owner(of: 100) == nil && map.owner(of: 199) == nil)
        #expect(map.owner(of: 200) == b && map.owner(of: 16_383) == b)
        #expect(map.masters == [a, b])
        #expect(map.replicas == [c])
    }

    @Test(
        "a node without a host is where the asked one is",
        arguments: [RedisValue.null, .bytes([]), .bytes(Array("?".utf8))])
    func unknownHost(host: RedisValue) throws {
        let reply = RedisValue.array([.array([.integer(0), .integer(16_383), node(host, 7001)])])
        #expect(try SlotMap(reply, askedAt: asked).owner(of: 5) == .tcp(host: "seed", port: 7001))
        let local = try SlotMap(reply, askedAt: .unix(path: "/x"))
        #expect(local.owner(of: 5) == .tcp(host: "127.0.0.1", port: 7001))
    }

    @Test("a redirection changes its slot only, and a map that is not there learns nothing")
    func learn() throws {
        var map = SlotMap()
        map.learn(7, at: asked)
        #expect(map.isEmpty && map.owner(of: 7) == nil && map.masters.isEmpty)
        map = try SlotMap(
            .array([.array([.integer(0), .integer(16_383), node(text("a"), 1), node(text("b"), 2)])]), askedAt: asked)
        map.learn(7, at: .tcp(host: "b", port: 2))
        #expect(map.owner(of: 7) == .tcp(host: "b", port: 2))
        #expect(map.owner(of: 8) == .tcp(host: "a", port: 1))
        #expect(map.replicas.isEmpty && map.masters.count == 2)
    }

    @Test(
        "replies that cannot be are refused",
        arguments: [
            RedisValue.null, .array([.integer(1)]), .array([.array([.integer(0), .integer(16_384), .array([])])]),
            .array([.array([.integer(5), .integer(4), .array([])])]),
            .array([.array([.integer(0), .integer(1), .array([.bytes([97]), .integer(0)])])]),
            .array([.array([.integer(0), .integer(1), .array([.bytes([97]), .integer(65_536)])])]),
        ])
    func refused(reply: RedisValue) {
        let error = #expect(throws: RedisError.self) { try SlotMap(reply, askedAt: asked) }
        #expect(error?.code == .protocolViolation)
    }

    @Test(
        "redirections are read, however the host is written",
        arguments: [
            ("MOVED 3999 10.0.0.1:6381", Address.tcp(host: "10.0.0.1", port: 6381)),
            ("ASK 3999 ::1:6381", .tcp(host: "::1", port: 6381)),
            ("MOVED 3999 :6381", .tcp(host: "seed", port: 6381)),
            ("MOVED 3999 ?:6381", .tcp(host: "seed", port: 6381)),
            ("MOVED 3999 node.example.org:6381", .tcp(host: "node.example.org", port: 6381)),
        ])
    func redirections(text: String, address: Address) {
        let redirection = Redirection(RedisServerError(text: text), askedAt: asked)
        #expect(redirection?.slot == 3999)
        #expect(redirection?.address == address)
    }

    @Test(
        "what is no redirection is none",
        arguments: ["MOVED", "MOVED 1", "MOVED x a:1", "MOVED 1 a", "MOVED 1 a:0", "MOVED 16384 a:1", "MOVED 1 a:x"])
    func noRedirections(text: String) {
        #expect(Redirection(RedisServerError(text: text), askedAt: asked) == nil)
    }
}
