import HoldfastRedis
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastMemoryStore

@Suite struct MapTests {
    struct Bid: Codable, Sendable, Equatable {
        var coins: Int
    }

    private static let hour = Duration.seconds(3_600)

    // MARK: Changes

    @Test("concurrent updates from several clients lose nothing", arguments: RedisKind.allCases)
    func concurrentUpdates(_ kind: RedisKind) async throws {
        let server = try await kind.server()
        let deployment = RandomID.random().description
        let (clients, tasks, times) = (4, 4, 25)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    try await withMemoryStore(on: server, deployment: deployment) { memory in
                        let sorted = try memory.sortedMap("counters", of: Int.self)
                        let hash = try memory.hashMap("counters", of: Int.self)
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for _ in 0..<tasks {
                                group.addTask {
                                    for _ in 0..<times {
                                        try await sorted.update(
                                            "hits", expiresAfter: Self.hour, maximumAttempts: 1_000
                                        ) { (value: ($0?.value ?? 0) + 1, sortKey: $0?.sortKey) }
                                        try await hash.update(
                                            "hits", expiresAfter: Self.hour, maximumAttempts: 1_000
                                        ) { ($0 ?? 0) + 1 }
                                    }
                                }
                            }
                            try await group.waitForAll()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await withMemoryStore(on: server, deployment: deployment) { memory in
            let total = clients * tasks * times
            try await expect(memory.sortedMap("counters", of: Int.self).get("hits")?.value, is: total)
            try await expect(memory.hashMap("counters", of: Int.self).get("hits"), is: total)
        }
    }

    @Test("an update that others always precede gives up with a conflict and has changed nothing")
    func conflict() async throws {
        try await withMemoryStore { memory, server in
            let map = try memory.sortedMap("m", of: Int.self)
            try await map.set("k", to: 0, expiresAfter: Self.hour)
            let rivals = Counter()
            // Another server writes between the read and the write of every attempt.
            let failure = await code {
                try await map.update("k", expiresAfter: Self.hour, maximumAttempts: 3) { _ in
                    rivals.add()
                    try server.write("\(rivals.count)", to: "k", of: memory.mapKeys("m"))
                    return (value: -1, sortKey: nil)
                }
            }
            #expect(failure == .conflict)
            #expect(rivals.count == 3)
            try await expect(map.get("k")?.value, is: 3)
        }
    }

    @Test("what the function of an update throws is thrown on, and nothing is changed")
    func thrownOn() async throws {
        struct TooPoor: Error {}
        try await withMemoryStore { memory, _ in
            let map = try memory.sortedMap("m", of: Bid.self)
            try await map.set("k", to: Bid(coins: 1), sortKey: 1, expiresAfter: Self.hour)
            await #expect(throws: TooPoor.self) {
                try await map.update("k", expiresAfter: Self.hour) { _ in throw TooPoor() }
            }
            let hash = try memory.hashMap("m", of: Bid.self)
            await #expect(throws: TooPoor.self) {
                try await hash.update("k", expiresAfter: Self.hour) { _ in throw TooPoor() }
            }
            try await expect(map.get("k")?.value, is: Bid(coins: 1))
            try await expect(hash.get("k"), is: nil)
        }
    }

    // MARK: Lost replies

    @Test(
        "a lost request or reply changes nothing about what a write does", arguments: [LossyRelay.Loss.request, .reply])
    func lostReply(loss: LossyRelay.Loss) async throws {
        try await withRelay { memory, relay in
            let map = try memory.sortedMap("m", of: Int.self)
            relay.lose(loss, containing: "first")
            try await expect(map.set("first", to: 1, expiresAfter: Self.hour), is: false)
            #expect(relay.isDone)
            relay.lose(loss, containing: "first", count: 3)
            try await expect(map.set("first", to: 2, expiresAfter: Self.hour), is: true)
            #expect(relay.isDone)
            let runs = Counter()
            // The read goes through; the write, which carries a value, is what is lost.
            relay.lose(loss, containing: "[7,7]")
            let counters = try memory.sortedMap("c", of: [Int].self)
            try await counters.update("k", expiresAfter: Self.hour) { item in
                runs.add()
                return (value: (item?.value ?? []) + [7, 7], sortKey: nil)
            }
            #expect(relay.isDone)
            #expect(runs.count == 1)
            try await expect(counters.get("k")?.value, is: [7, 7])
        }
    }

    @Test("an update whose reply is lost is recognised although others have written since")
    func recognised() async throws {
        try await withTable { put, table, _ in
            try await expect(put("mine", nil, nil), is: "WRITTEN 0")
            for other in 0..<7 { try await expect(put("other\(other)", table.read("k"), nil), is: "WRITTEN 1") }
            try await expect(put("mine", MapTable.Reading(item: nil, mark: 0), 0), is: "WRITTEN 0")
            try await expect(table.get("k")?.value, is: Array("\"other6\"".utf8))
        }
    }

    @Test("an update whose reply is lost and that cannot be told from one that never came changes nothing")
    func unsettled() async throws {
        try await withTable { put, table, map in
            let before = try await table.read("k")
            try await expect(put("mine", before, nil), is: "WRITTEN 0")
            for other in 0..<8 { try await expect(put("other\(other)", table.read("k"), nil), is: "WRITTEN 1") }
            try await expect(put("mine", before, before.mark), is: "UNSETTLED")
            try await expect(map.remove("k"), is: true)
            try await expect(put("mine", before, before.mark), is: "UNSETTLED")
            try await expect(table.get("k"), is: nil)

            // Nothing has gone since this read, so that a first try would still be seen.
            let now = try await table.read("k")
            try await expect(put("late", now, now.mark), is: "WRITTEN 0")
            // An unconditional write is simply done again.
            try await expect(put("any", nil, 0), is: "WRITTEN 1")
        }
    }

    // MARK: Limits

    @Test("bad input is refused before anything is sent")
    func badInput() async throws {
        try await withMemoryStore { memory, server in
            let map = try memory.sortedMap("bad input", of: String.self)
            let hash = try memory.hashMap("bad input", of: String.self)
            let long = String(repeating: "é", count: 129)
            for key in ["", long] {
                #expect(await code { try await map.set(key, to: "", expiresAfter: Self.hour) } == .badInput)
                #expect(await code { _ = try await map.get(key) } == .badInput)
                #expect(await code { try await map.remove(key) } == .badInput)
                #expect(await code { _ = try await map.range(above: .key(key)) } == .badInput)
                #expect(await code { try await hash.set(key, to: "", expiresAfter: Self.hour) } == .badInput)
                #expect(await code { _ = try memory.sortedMap(key, of: Int.self) } == .badInput)
                #expect(await code { _ = try memory.hashMap(key, of: Int.self) } == .badInput)
            }
            for life in [Duration.zero, .milliseconds(-1), .microseconds(999), .seconds(3_888_000) + .milliseconds(1)] {
                #expect(await code { try await map.set("k", to: "", expiresAfter: life) } == .badInput)
                #expect(await code { try await hash.set("k", to: "", expiresAfter: life) } == .badInput)
                #expect(
                    await code { try await map.update("k", expiresAfter: life) { _ in ("", nil) } } == .badInput)
            }
            for sortKey in [SortKey.number(.nan), .number(.infinity), .string(long)] {
                #expect(
                    await code { try await map.set("k", to: "", sortKey: sortKey, expiresAfter: Self.hour) }
                        == .badInput)
                #expect(await code { _ = try await map.range(below: .sortKey(sortKey)) } == .badInput)
            }
            for limit in [0, -1, 201] {
                #expect(await code { _ = try await map.range(limit: limit) } == .badInput)
                #expect(await code { _ = try await hash.list(limit: limit) } == .badInput)
            }
            let large = String(repeating: "x", count: 32_767)
            #expect(await code { try await map.set("k", to: large, expiresAfter: Self.hour) } == .badInput)
            let numbers = try memory.sortedMap("bad input", of: Double.self)
            #expect(await code { try await numbers.set("k", to: .nan, expiresAfter: Self.hour) } == .badInput)
            for text in ["", "x", "a:b:c", "a:-1:c", "a:1:%"] {
                #expect(await code { _ = try HashMapCursor(text) } == .badInput)
            }
            #expect(try server.command("--scan", "--pattern", "*bad%20input*") == "")
        }
    }

    @Test("the largest key, value, sort key and life fit", arguments: RedisKind.allCases)
    func largest(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            let key = String(repeating: "🙂", count: 128)
            let sortKey = SortKey.string(String(repeating: "\u{10FFFF}", count: 127) + "\0")
            let value = String(repeating: "x", count: 32_766)
            let map = try memory.sortedMap(String(repeating: "é", count: 128), of: String.self)
            try await map.set(key, to: value, sortKey: sortKey, expiresAfter: .seconds(3_888_000))
            try await map.set("other", to: "", sortKey: 1, expiresAfter: .milliseconds(60_000))
            let found = try await map.range(.descending)
            #expect(found.map(\.key) == [key, "other"])
            #expect(found.first == SortedMapItem(key: key, value: value, sortKey: sortKey))
            try await expect(map.range(above: .item(key, sortKey: sortKey)), is: [])
        }
    }

    @Test(
        "maps of other names, kinds and deployments are apart, whatever the names hold", arguments: RedisKind.allCases)
    func names(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, _ in
            let names = ["a", "{a}", "a}", "*", "a:items", "a/1", "ü", "🙂", "%20", " ", "\0"]
            for (index, name) in names.enumerated() {
                try await memory.sortedMap(name, of: Int.self).set("k", to: index, expiresAfter: Self.hour)
                try await memory.hashMap(name, of: Int.self).set("k", to: -index, expiresAfter: Self.hour)
            }
            for (index, name) in names.enumerated() {
                try await expect(memory.sortedMap(name, of: Int.self).get("k")?.value, is: index)
                try await expect(memory.sortedMap(name, of: Int.self).size(), is: 1)
                try await expect(memory.hashMap(name, of: Int.self).get("k"), is: -index)
            }
        }
        try await withMemoryStore(kind) { memory, _ in
            try await expect(memory.sortedMap("a", of: Int.self).get("k"), is: nil)
        }
    }

    @Test("a stored value of another type is corrupt, and stays as it is")
    func corrupt() async throws {
        try await withMemoryStore { memory, _ in
            try await memory.sortedMap("m", of: String.self).set("k", to: "text", expiresAfter: Self.hour)
            let numbers = try memory.sortedMap("m", of: Int.self)
            #expect(await code { _ = try await numbers.get("k") } == .corrupt)
            #expect(await code { _ = try await numbers.range() } == .corrupt)
            #expect(await code { try await numbers.update("k", expiresAfter: Self.hour) { _ in (1, nil) } } == .corrupt)
            try await expect(memory.sortedMap("m", of: JSONValue.self).get("k")?.value, is: "text")
        }
    }

    @Test("a cursor of another hash map is refused")
    func foreignCursor() async throws {
        try await withMemoryStore { memory, _ in
            let one = try memory.hashMap("one", of: Int.self)
            for index in 0..<5 { try await one.set("k\(index)", to: index, expiresAfter: Self.hour) }
            let cursor = try #require(try await one.list(limit: 2).next)
            #expect(await code { _ = try await memory.hashMap("two", of: Int.self).list(after: cursor) } == .badInput)
        }
    }

    // MARK: Expiry by Redis

    @Test("every key of a map outlives its items and then goes by itself", arguments: RedisKind.allCases)
    func keysExpire(_ kind: RedisKind) async throws {
        try await withMemoryStore(kind) { memory, server in
            let map = try memory.sortedMap("m", of: Int.self)
            func lives() throws -> [Int] {
                try memory.mapKeys("m").map { Int(try server.command("PTTL", $0)) ?? -3 }
            }
            try await map.set("k", to: 1, expiresAfter: .seconds(600))
            #expect(try lives().allSatisfy { (600_001...690_000).contains($0) })
            // The keys that go with the last item come back without an end of their own.
            try await map.remove("k")
            try await map.set("k", to: 1, expiresAfter: .seconds(60))
            #expect(try lives().allSatisfy { (60_001...690_000).contains($0) })
            try await map.set("l", to: 1, expiresAfter: .seconds(3_600))
            #expect(try lives().allSatisfy { (3_600_001...4_100_000).contains($0) })
        }
    }

    @Test("items expire by Redis' own clock")
    func expires() async throws {
        try await withMemoryStore { memory, _ in
            let map = try memory.sortedMap("m", of: Int.self)
            try await map.set("k", to: 1, expiresAfter: .milliseconds(1))
            try await eventually("it expires") { try await map.get("k") == nil }
            try await expect(map.size(), is: 0)
        }
    }

    @Test("the space of expired items is given back in bounded steps by whoever uses the map")
    func reclaims() async throws {
        try await withMemoryStore { memory, server in
            let clock = TestClock()
            let map = try memory.at(clock).sortedMap("m", of: Int.self, limits: MapLimits(items: 1_200, bytes: 1 << 20))
            func held() throws -> Int { Int(try server.command("HLEN", memory.itemsKey("m"))) ?? -1 }
            for index in 0..<1_200 {
                try await map.set("k\(index)", to: index, sortKey: .number(Double(index)), expiresAfter: .seconds(1))
            }
            #expect(await code { try await map.set("one more", to: 0, expiresAfter: .seconds(9)) } == .full)
            clock.advance(1_000)
            try await expect(map.size(), is: 0)
            try await expect(map.remove("k5"), is: false)
            #expect((1_180..<1_200).contains(try held()))
            try await map.set("one more", to: 0, expiresAfter: .seconds(9))
            #expect((1_160..<1_190).contains(try held()))
            // One range looks at no more than it may, and still finds what is behind all that has expired.
            try await expect(map.range(limit: 1).map(\.key), is: ["one more"])
            #expect(try held() < 1_000)
            while try held() > 1 { _ = try await map.range() }
            #expect(try server.command("ZCARD", memory.mapKeys("m")[1]) == "1")
            #expect(try server.command("HGET", memory.mapKeys("m")[3], "bytes") == "10")
        }
    }

    @Test("a map that is full of expired items has room")
    func fullOfExpired() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let map = try memory.at(clock).sortedMap("m", of: Int.self, limits: MapLimits(items: 700, bytes: 1 << 20))
            for index in 0..<700 { try await map.set("k\(index)", to: index, expiresAfter: .seconds(1)) }
            clock.advance(1_000)
            for index in 0..<700 { try await map.set("l\(index)", to: index, expiresAfter: .seconds(1)) }
            try await expect(map.size(), is: 700)
            #expect(await code { try await map.set("one more", to: 0, expiresAfter: .seconds(9)) } == .full)
        }
    }

    @Test("a map whose bytes are full of many small expired items has room for a large one")
    func reclaimsForALargeItem() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let map = try memory.at(clock).sortedMap(
                "m", of: String.self, limits: MapLimits(items: 10_000, bytes: 20_000))
            for index in 0..<1_700 { try await map.set("k\(index)", to: "", expiresAfter: .seconds(1)) }
            clock.advance(1_000)
            let value = String(repeating: "x", count: 19_000)
            try await map.set("large", to: value, expiresAfter: .seconds(9))
            try await expect(map.get("large")?.value, is: value)
            #expect(await code { try await map.set("k", to: value, expiresAfter: .seconds(9)) } == .full)
        }
    }

    @Test("a range of large values comes in parts and is whole")
    func largeRange() async throws {
        try await withMemoryStore { memory, _ in
            let map = try memory.sortedMap("m", of: String.self)
            let value = String(repeating: "x", count: 30_000)
            for index in 100..<200 { try await map.set("k\(index)", to: value, expiresAfter: Self.hour) }
            let found = try await map.range(limit: 200)
            #expect(found.map(\.key) == (100..<200).map { "k\($0)" })
            try await expect(map.range(.descending, limit: 90).count, is: 90)
        }
    }

    @Test("under OOM what is there can be read and removed, and a write is refused as unavailable")
    func outOfMemory() async throws {
        var options = PrivateRedis.Options()
        options.arguments = ["--maxmemory-policy", "noeviction"]
        let server = try await PrivateRedis.start(options)
        try await withMemoryStore(on: server, deployment: "d") { memory in
            let map = try memory.sortedMap("m", of: Int.self)
            try await map.set("k", to: 1, expiresAfter: Self.hour)
            try server.command("CONFIG", "SET", "maxmemory", "1")
            #expect(await code { try await map.set("l", to: 1, expiresAfter: Self.hour) } == .unavailable)
            try await expect(map.get("k")?.value, is: 1)
            try await expect(map.range().map(\.key), is: ["k"])
            try await expect(map.size(), is: 1)
            try await expect(map.remove("k"), is: true)
        }
    }

    @Test("a map that Redis has lost is empty and works")
    func flushed() async throws {
        let server = try await PrivateRedis.start()
        try await withMemoryStore(on: server, deployment: "d") { memory in
            let map = try memory.sortedMap("m", of: Int.self)
            try await map.set("k", to: 1, expiresAfter: Self.hour)
            let failure = await code {
                try await map.update("k", expiresAfter: Self.hour) { item in
                    if item != nil { try server.flushAll() }
                    return (value: (item?.value ?? 0) + 1, sortKey: nil)
                }
            }
            #expect(failure == nil)
            try await expect(map.get("k")?.value, is: 1)
        }
    }
}
