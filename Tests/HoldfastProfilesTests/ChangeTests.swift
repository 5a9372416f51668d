import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("Changes of a document", .timeLimit(.minutes(2)))
struct ChangeTests {
    @Test("by path: insert, merge, and sums that stay in their range or are clamped to it")
    func paths() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        try await server.players.withSession(for: Key(1)) { session in
            try session.append("Sword", to: "inventory")
            try session.insert("Axe", at: 0, in: "inventory")
            #expect(session.document.inventory == ["Axe", "Sword"])
            #expect(throws: ProfileError.self) { try session.insert("Bow", at: 3, in: "inventory") }
            #expect(try session.add(50, to: "coins", in: 0...100) == 50)
            #expect(throws: ProfileError.self) { try session.add(-51, to: "coins", in: 0...100) }
            #expect(throws: ProfileError.self) { try session.add(51, to: "coins", in: 0...100) }
            #expect(try session.add(60, to: "coins", in: 0...100, clamping: true) == 100)
            #expect(try session.add(.min, to: "coins", in: 0...100, clamping: true) == 0)
            #expect(try session.add(.max, to: "rewards") == Int(Int64.max))
            #expect(throws: ProfileError.self) { try session.add(1, to: "rewards") }
            try session.merge(["coins": 3, "inventory": []], at: DocumentPath(components: []))
        }
        try await server.drain()
    }

    @Test("a path that the type does not know is refused; removing what is not there changes nothing on the way to it")
    func unknownPaths() async throws {
        let server = try await Fleet().server("a")
        func isRefused(_ change: () throws -> Void) -> Bool {
            do {
                try change()
                return false
            } catch {
                return (error as? ProfileError)?.code == .badInput
            }
        }
        try await server.players.withSession(for: Key(1)) { session in
            #expect(isRefused { try session.add(250, to: "coin") })
            #expect(isRefused { try session.set("Owls", at: "guild.name") })
            try session.remove(at: "guild.name")
            #expect(session.document == Player())
        }
        let documents = try server.coordinator.documents("free")
        try await documents.withSession(for: Key(1)) { session in
            try session.remove(at: "a.b.c")
            let empty: JSONValue = [:]
            #expect(session.document == empty)
            try session.set([:], at: "a.b")
            try session.remove(at: "a.b")
            let left: JSONValue = ["a": [:]]
            #expect(session.document == left)
            let deep = DocumentPath(components: Array(repeating: "a", count: 100_000))
            #expect(isRefused { try session.set(1, at: deep) })
        }
        try await server.drain()
    }

    @Test("each change is noted with number, source, reason and path, the last of them only")
    func audit() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        var options = CollectionOptions<Player> { _ in Player() }
        options.auditLimit = 3
        try options.handle(GrantCoins.self)
        let players = try server.coordinator.collection("audited", of: Player.self, options: options)
        let (one, two) = (try await players.open(Key(1)), try await players.open(Key(2)))
        try one.edit { $0.coins = 5 }
        try one.add(1, to: "coins", reason: "found one")
        #expect(throws: ProfileError.self) { try one.set("many", at: "coins") }
        #expect(one.audit.map(\.source) == [.edit, .path])
        #expect(one.audit.map(\.number) == [1, 2])
        #expect(one.audit.last?.path == "coins" && one.audit.last?.reason == "found one")
        try await server.coordinator.transaction(one, two) { $0.coins -= $1.coins + 1 }
        _ = try await players.deliver(GrantCoins(coins: 2), to: Key(1), id: "gift")
        #expect(await eventually(within: .seconds(30)) { one.document.coins == 7 })
        for number in 0..<20 { try one.edit(reason: "round \(number)") { $0.coins += 1 } }
        #expect(one.audit.map(\.reason) == ["round 17", "round 18", "round 19"])
        #expect(two.audit.map(\.source) == [.transaction])
        try await one.close()
        try await two.close()
        try await server.drain()
    }

    @Test("a watcher sees each change with both values and the paths that differ, until the session ends")
    func watching() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let session = try await server.players.open(Key(1))
        let changes = session.changes()
        try session.edit { player in
            player.coins = 1
            player.inventory.append("Sword")
        }
        try session.set("Axe", at: "inventory.0", reason: "forged")
        try await session.close()
        var seen: [DocumentChange<Player>] = []
        for await change in changes { seen.append(change) }
        #expect(seen.map(\.record.number) == [1, 2])
        #expect(try seen.first?.changedPaths() == ["coins", "inventory"])
        #expect(try seen.last?.changedPaths() == ["inventory.0"])
        #expect(seen.last?.before.inventory == ["Sword"] && seen.last?.after.inventory == ["Axe"])
        for await _ in session.changes() { Issue.record("a session that is over has no changes") }
        try await server.drain()
    }

    @Test("a slow watcher loses old changes, which the numbers show")
    func slowWatcher() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let session = try await server.players.open(Key(1))
        let changes = session.changes(buffering: 2)
        for _ in 0..<10 { try session.edit { $0.coins += 1 } }
        try await session.close()
        var numbers: [UInt64] = []
        for await change in changes { numbers.append(change.record.number) }
        #expect(numbers == [9, 10])
        try await server.drain()
    }

    @Test("named locks keep bodies of one name apart, each in turn, and give up at the deadline")
    func locks() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let session = try await server.players.open(Key(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await session.withLock("trade", timeout: .seconds(60)) {
                        let coins = session.document.coins
                        await Task.yield()
                        try session.edit { $0.coins = coins + 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(session.document.coins == 20)
        try await session.withLock("trade") {
            try await session.withLock("other") {}
            await #expect {
                try await session.withLock("trade", timeout: .milliseconds(20)) {}
            } throws: { ($0 as? ProfileError)?.code == .busy }
            let waiting = Task { try await session.withLock("trade", timeout: .seconds(60)) {} }
            waiting.cancel()
            await #expect {
                try await waiting.value
            } throws: { ($0 as? ProfileError)?.code == .cancelled }
        }
        try await session.withLock("trade") {}
        try await session.close()
        try await server.drain()
    }

    @Test("who gave up waiting for a lock is forgotten, and a wait ends although the coordinator has stopped")
    func abandonedLocks() async throws {
        let server = try await Fleet().server("a")
        let session = try await server.players.open(Key(1))
        try await session.withLock("trade") {
            for _ in 0..<5 {
                await #expect(throws: ProfileError.self) {
                    try await session.withLock("trade", timeout: .milliseconds(1)) {}
                }
            }
            #expect(session.locks.waiting.withLock { $0["trade"]?.count } == 0)
            let patient = Task { try await session.withLock("trade", timeout: .seconds(Int64.max)) {} }
            #expect(await eventually { session.locks.waiting.withLock { $0["trade"]?.count } == 1 })
            patient.cancel()
            await #expect(throws: ProfileError.self) { try await patient.value }
            try await server.drain()
            await #expect(throws: ProfileError.self) {
                try await session.withLock("trade", timeout: .milliseconds(1)) {}
            }
        }
    }

    @Test("closing without saving gives up what was not saved; operations come again")
    func closeWithoutSaving() async throws {
        let server = try await Fleet().server("a") { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 1 }
        try await session.save()
        let other = try await server.players.open(Key(1))
        try session.edit { $0.coins = 2 }
        try await session.closeWithoutSaving()
        #expect(!session.isEnded && other.document.coins == 2)
        try await other.closeWithoutSaving()
        #expect(await session.waitUntilEnded() == .closed)
        #expect(session.document.coins == 1)
        #expect(try await server.players.read(Key(1))?.document.coins == 1)
        #expect(try await server.players.read(Key(1))?.owner == nil)

        let fresh = try await server.players.open(Key(2))
        try fresh.edit { player, outbox in
            player.coins = 2
            try outbox.deliver(GrantCoins(coins: 100), to: Key(1), in: server.players, id: "never")
        }
        try await fresh.closeWithoutSaving()
        #expect(try await server.players.read(Key(2)) == nil)
        #expect(try await server.players.operation("never", of: Key(1)) == nil)

        // Applied in memory before the first handle comes; the save of it may or may not have begun.
        _ = try await server.players.deliver(GrantCoins(coins: 5), to: Key(1), id: "gift")
        try await server.players.open(Key(1)).closeWithoutSaving()
        try await server.players.withSession(for: Key(1)) { #expect($0.document.coins == 6) }
        #expect(try await server.players.operation("gift", of: Key(1))?.state == .applied)
        try await server.drain()
    }

    @Test("hooks put nothing into a document that is closed without saving")
    func hooksAreGivenUp() async throws {
        let server = try await Fleet().server("a") { $0.autosave = .seconds(3_600) }
        let hasLeft = Flag()
        var options = CollectionOptions<Player> { _ in Player() }
        options.beforeSave { $0.coins += 1_000 }
        options.onLeaving { session, _ in
            hasLeft.value = true
            try session.edit { $0.coins += 10_000 }
        }
        let hooked = try server.coordinator.collection("hooked", of: Player.self, options: options)
        let session = try await hooked.open(Key(1))
        try session.edit { $0.coins = 5 }
        try await session.closeWithoutSaving()
        #expect(hasLeft.value)
        #expect(try await hooked.read(Key(1)) == nil)
        try await server.drain()
    }

    @Test("what was last made durable can be read beside the document")
    func lastSaved() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        #expect(session.lastSaved == nil)
        try session.edit { $0.coins = 1 }
        #expect(session.lastSaved == nil)
        try await session.save()
        try session.edit { $0.coins = 2 }
        #expect(session.lastSaved?.coins == 1)
        try await session.close()
        let again = try await server.players.open(Key(1))
        #expect(again.lastSaved?.coins == 2)
        try await again.close()
        try await server.drain()
    }
}
