import HoldfastPostgres
import HoldfastStorage
import Logging
import TestServers
import Testing

/// What only PostgreSQL can do wrong with parts, history and decisions; their rules are in the conformance suite.
@Suite("PostgreSQL: parts, history and decisions")
struct PostgresHistoryTests {
    @Test("of two servers that commit their own leg of one trade exactly one writes")
    func racingLegs() async throws {
        try await withStores(.postgres, 2) { stores in
            var actors = [try StoreActor("left"), try StoreActor("right")]
            for actor in actors { _ = try await actor.seal(stores[0]) }
            for round in 1...25 as ClosedRange<Int64> {
                let trade = RandomID.random()
                func leg(_ index: Int) throws -> CommitRequest {
                    var write = actors[index].write(.content(try content("\(round)")))
                    write.parts = [try part("leg", "\(round)")]
                    return CommitRequest(
                        writes: [write], decision: Decision(trade: trade, verdict: index == 0 ? .committed : .aborted))
                }
                let legs = [try leg(0), try leg(1)]
                async let left = stores[0].commit(legs[0])
                async let right = stores[1].commit(legs[1])
                let outcomes = [try await left, try await right]
                let winner = try #require(outcomes.firstIndex(of: .committed))
                #expect(outcomes[1 - winner] == .decided(winner == 0 ? .committed : .aborted))
                actors[winner].version += 1
            }
            #expect(actors[0].version + actors[1].version == 25)
            for actor in actors {
                #expect(try await stores[0].read(actor.id)?.version == actor.version)
                #expect(
                    try await stores[0].parts(of: actor.id).map(\.version) == (actor.version > 0 ? [actor.version] : [])
                )
            }
        }
    }

    @Test("refused members of a group leave no trace, while the others write parts of many records")
    func mixedGroup() async throws {
        try await withStore(.postgres) { store in
            var actors = try (0..<6).map { try StoreActor("world\($0)") }
            for index in actors.indices {
                _ = try await actors[index].seal(store)
                try await actors[index].saved(store, "one", parts: [part("old"), part("both", "one")])
            }
            let log = try SpaceName("ledger")
            func commit(_ indices: [Int], late: Bool = false, decision: Decision? = nil) throws -> StoreRequest {
                let writes = try indices.map { index in
                    var write = actors[index].write(.content(try content("two")))
                    write.parts = [try part("both", "two"), try part("new"), try part("old", nil)]
                    write.keeps = .always(reason: "test")
                    if late, index == indices.last { write.version = 7 }
                    return write
                }
                return .commit(
                    CommitRequest(
                        writes: writes, entries: [AppendRequest(log: log, entries: [entry("\(indices)")])],
                        decision: decision))
            }
            let (good, bad) = (RandomID.random(), RandomID.random())
            let replies = try await store.execute([
                commit([0]), commit([1], late: true),
                commit([2, 3], decision: Decision(trade: good, verdict: .committed)),
                commit([4, 5], late: true, decision: Decision(trade: bad, verdict: .committed)),
            ])
            #expect(replies[0] == .commit(.committed) && replies[2] == .commit(.committed))
            for reply in [replies[1], replies[3]] {
                guard case .commit(.refused) = reply else { throw Unexpected() }
            }
            for (index, actor) in actors.enumerated() {
                let isWritten = [0, 2, 3].contains(index)
                let texts = isWritten ? ["both two", "new x"] : ["both one", "old x"]
                #expect(try await store.parts(of: actor.id).map(\.text) == texts)
                #expect(try await store.parts(of: actor.id).allSatisfy { $0.version == (isWritten ? 2 : 1) })
                #expect(try await store.kept(actor.id).map(\.version) == (isWritten ? [1] : []))
            }
            let verdicts = [try await store.decide(bad, .aborted), try await store.decide(good, .aborted)]
            #expect(verdicts == [.aborted, .committed])
            let values = try await store.page(of: log)?.entries.map { String(decoding: $0.value, as: UTF8.self) }
            #expect(values == ["[0]", "[2, 3]"])
        }
    }

    @Test("a commit whose answer was lost in a frozen server is repeated without writing its parts twice")
    func lostReply() async throws {
        let server = try await PrivatePostgres.start(syncs: false)
        let configuration = try PostgresConfiguration(url: server.url(), callTimeout: .seconds(1))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let store = try PostgresStore(configuration, deployment: "test", logger: logger)
        _ = try await store.migrate(DeploymentTimings())
        var session = try StoreActor("world")
        _ = try await session.seal(store)
        try await session.saved(store, "one", parts: [part("a"), part("b")])
        try server.age("test", by: StoreTime.hour)

        var write = session.write(.content(try content("two")))
        write.parts = [try part("a", nil), try part("c")]
        let log = try SpaceName("ledger")
        let commit = CommitRequest(
            writes: [write], entries: [AppendRequest(log: log, entries: [entry("two")])],
            decision: Decision(trade: .random(), verdict: .committed), generation: 0)
        server.pause()
        let lost = await #expect(throws: StoreError.self) { try await store.commit(commit) }
        #expect(lost?.code == .outcomeUnknown)
        server.resume()
        try await eventually("the commit is settled", within: .seconds(60)) {
            switch try? await store.commit(commit) {
            case .committed: true
            case .refused(let rows, _): rows.first??.saveID == write.saveID
            default: false
            }
        }
        #expect(try await store.read(session.id)?.version == 2)
        #expect(try await store.parts(of: session.id).map(\.text) == ["b x", "c x"])
        #expect(try await store.parts(of: session.id).map(\.version) == [1, 2])
        #expect(try await store.kept(session.id).map(\.version) == [1])
        #expect(try await store.page(of: log)?.entries.count == 1)
        await store.close()
    }

    @Test("an erasure that races with saves and snapshots leaves nothing behind")
    func racingErasure() async throws {
        try await withStores(.postgres, 3) { stores in
            for round in 0..<15 {
                var session = try StoreActor("key\(round)")
                _ = try await session.seal(stores[0])
                try await session.saved(stores[0], "one", userIDs: ["ann"], parts: [part("a")])
                var write = session.write(.content(try content("two", userIDs: ["ann"])))
                write.parts = [try part("a", "two"), try part("b")]
                write.keeps = .always(reason: "test")
                let (id, last) = (session.id, write)
                async let saved = stores[0].commit([last])
                async let kept = stores[1].keepCurrent(of: id, reason: "race")
                async let erased = stores[2].erase(id)
                _ = (try await saved, try await kept)
                #expect(try await erased)
                #expect(try await stores[0].read(id)?.content == nil)
                #expect(try await stores[0].kept(id).isEmpty)
                #expect(try await stores[0].parts(of: id).isEmpty)
            }
            #expect(try await stores[0].records(of: "ann").isEmpty)
        }
    }

    @Test("any text is found as a user id, however long it becomes in JSON")
    func oddUserIDs() async throws {
        try await withStore(.postgres) { store in
            let long = String(repeating: "\u{1}", count: 999)
            let people = [
                "a\"b", "\\", "\\\"", "a\\", "\u{0}", "{1,2}", "é", "e\u{301}", "\u{1F600}", "'", long + "a",
                long + "b",
            ]
            for (index, person) in people.enumerated() {
                var session = try StoreActor("key\(index)")
                _ = try await session.seal(store)
                try await session.saved(store, "x", userIDs: [person, "everybody"])
            }
            for (index, person) in people.enumerated() {
                let found = try await store.records(of: person)
                #expect(found.map(\.key.description) == ["key\(index)"])
            }
            #expect(try await store.records(of: "everybody").count == people.count)
            #expect(try await store.records(of: "b").isEmpty)
        }
    }

    @Test("several prune the history at once, and each version goes once")
    func racingPrune() async throws {
        try await withStores(.postgres, 2) { stores in
            var session = try StoreActor()
            _ = try await session.seal(stores[0])
            for version in 0...40 {
                try await session.saved(stores[0], "\(version)", keeps: .always(reason: "test"))
            }
            var gone = 0
            while try await !stores[0].kept(session.id, limit: 1).isEmpty {
                async let one = stores[0].pruneHistory(replacedBefore: .max, limit: 7)
                async let two = stores[1].pruneHistory(replacedBefore: .max, limit: 7)
                gone += try await one + two
            }
            #expect(gone == 40)
        }
    }
}
