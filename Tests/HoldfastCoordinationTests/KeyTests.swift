import HoldfastRedis
import HoldfastStorage
import Testing

@testable import HoldfastCoordination

@Suite("Keys")
struct KeyTests {
    static let hostile = [
        "{", "}", ":", "*", "?", "[a-z]", "\\", "{a}", "a}", "}:lease", "a}:lease", "a:b", "%", "%7B", "%257B", "\0",
        "a\0b", "\r\n", " ", "🙂", "caf\u{E9}", "cafe\u{301}", "a", "A", ".", "..", "-", "_",
        String(repeating: "x", count: 256), String(repeating: "x", count: 255), String(repeating: "🙂", count: 64),
        String(repeating: "{", count: 256),
    ]

    @Test("hostile keys work, and no two of them meet", arguments: BackendKind.allCases)
    func hostileKeys(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            var owners: [(RecordID, Owner)] = []
            for collection in ["a", "a.b", "inbox", "A-_.9"] {
                for key in Self.hostile { owners.append((try record(key, in: collection), owner())) }
            }
            for (id, owner) in owners {
                #expect(try await backend.acquire(request(id, owner)).token == 1)
                try await backend.putHotCopy(hotCopy(owner.nonce.bytes), for: LeaseClaim(id, owner))
            }
            for (id, owner) in owners {
                #expect(try await backend.inspect(id)?.owner == owner)
                #expect(try await backend.acquire(request(id, owner)).hot?.payload == owner.nonce.bytes)
            }
            let claims = owners.map { LeaseClaim($0.0, $0.1) }
            #expect(try await backend.renew(claims, lease: .seconds(30)) == [])
            for claim in claims { _ = try await backend.release(claim, hot: nil) }
            for (id, _) in owners { #expect(try await backend.inspect(id) == nil) }
        }
    }

    @Test("every name in Redis is distinct, plain, and has one hash tag")
    func names() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = ["{", "}", ":", "*", "%", "7", "B", "a", "\0", "🙂", "é", "~", "\u{7F}", "lease", "released"]
        var keys = Set(Self.hostile.map { Array($0.utf8) })
        while keys.count < 2_000 {
            let length = Int.random(in: 1...12, using: &generator)
            let parts = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            keys.insert(Array(parts.joined().utf8))
        }
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-%:{}".utf8)
        var names = Set<[UInt8]>()
        var count = 0
        for deployment in ["d", "d:", "{d}", "hf1"] {
            let redis = RedisKeys(deployment: deployment)
            for bytes in keys {
                let id = RecordID(collection: try CollectionName("inbox"), key: try Key(bytes: bytes))
                let server = String(decoding: bytes, as: UTF8.self)
                let claim = LeaseClaim(id: id, nonce: RandomID(high: 1, low: 2))
                let own = [redis.lease(id), redis.token(id), redis.hot(id), redis.released(claim)]
                #expect(Set(own.map(Self.hashTag)).count == 1)
                let all = own + [redis.beat(server), redis.inbox(server)]
                for name in all {
                    #expect(plain.isSuperset(of: name))
                    #expect(name.count { $0 == UInt8(ascii: "{") } == 1 && name.count { $0 == UInt8(ascii: "}") } == 1)
                    #expect(Self.hashTag(name).count > 0)
                }
                names.formUnion(all)
                count += all.count
            }
            names.formUnion([redis.serverIndex, redis.deployment])
            count += 2
        }
        #expect(names.count == count)
    }

    @Test("percent-encoding is reversed exactly, and nothing else is read")
    func encoding() {
        let every = (0...255).map { UInt8($0) }
        #expect(PercentEncoding.decode(PercentEncoding.encode(every)) == every)
        #expect(String(decoding: PercentEncoding.encode("a:{é}".utf8), as: UTF8.self) == "a%3A%7B%C3%A9%7D")
        for text in ["%", "%4", "%zz", "%7b", "%41", ":", " "] {
            #expect(PercentEncoding.decode(Array(text.utf8)) == nil, "\(text)")
        }
    }

    private static func hashTag(_ name: [UInt8]) -> [UInt8] {
        guard let open = name.firstIndex(of: UInt8(ascii: "{")) else { return [] }
        return Array(name[(open + 1)...].prefix { $0 != UInt8(ascii: "}") })
    }
}
