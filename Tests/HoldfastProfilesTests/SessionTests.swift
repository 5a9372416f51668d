import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Sessions of one server", .timeLimit(.minutes(10)))
struct SessionTests {
    @Test("an edit is durable after save, and another read sees it")
    func saveIsDurable() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins += 100 }
        let receipt = try await session.save()
        #expect(receipt.version == 1 && receipt.wrote)
        #expect(try await server.players.read(Key(1))?.document.coins == 100)
        try await session.close()
        try await server.drain()
    }

    @Test("a save that nobody waits for is made at once")
    func saveInBackground() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins += 100 }
        session.saveInBackground()
        #expect(await eventually { session.lastSaved?.coins == 100 })
        try await session.close()
        session.saveInBackground()
        #expect(session.version == 1)
        try await server.drain()
    }

    @Test("an edit that throws changes nothing and rethrows")
    func editIsAllOrNothing() async throws {
        struct TooPoor: Error {}
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        try await server.players.withSession(for: Key(1)) { session in
            #expect(throws: TooPoor.self) {
                try session.edit { player in
                    player.coins = 5
                    throw TooPoor()
                }
            }
            #expect(session.document == Player())
        }
        try await server.drain()
    }

    @Test("an edit inside an edit is refused as busy")
    func nestedEdit() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        try await server.players.withSession(for: Key(1)) { session in
            #expect {
                try session.edit { _ in try session.edit { $0.coins = 1 } }
            } throws: { ($0 as? ProfileError)?.code == .busy }
            #expect {
                try session.edit { _ in try session.setUserIDs(["ann"]) }
            } throws: { ($0 as? ProfileError)?.code == .busy }
            #expect {
                try session.edit { _ in try session.setMetadata(["region": "eu"]) }
            } throws: { ($0 as? ProfileError)?.code == .busy }
        }
        try await server.drain()
    }

    @Test("a task that an edit has started may edit once that is over")
    func taskOfAnEdit() async throws {
        let server = try await Fleet().server("a")
        try await server.players.withSession(for: Key(1)) { session in
            let isOver = Hold()
            let task = try session.edit { player in
                player.coins = 1
                return Task {
                    await isOver.pass()
                    try session.edit { $0.coins += 1 }
                }
            }
            isOver.open()
            try await task.value
            #expect(session.document.coins == 2)
        }
        try await server.drain()
    }

    @Test("an unchanged document is not written again")
    func unchangedIsSkipped() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 7 }
        try await session.save()
        try session.edit { $0.coins = 7 }
        let receipt = try await session.save()
        #expect(receipt.version == 1 && !receipt.wrote)
        try await session.close()
        #expect(try await server.players.read(Key(1))?.version == 1)
        try await server.drain()
    }

    @Test("a player who never changed anything leaves no document")
    func untouchedIsNotListed() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        try await server.players.withSession(for: Key(1)) { #expect($0.document == Player()) }
        #expect(try await server.players.read(Key(1)) == nil)
        try await server.drain()
    }

    @Test("a changed document is saved on schedule, without a call")
    func autosave() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 3 }
        #expect(try await eventually { try await server.players.read(Key(1))?.document.coins == 3 })
        #expect(await eventually { session.sessionState == .active })
        try await session.close()
        try await server.drain()
    }

    @Test("concurrent opens of one key share one session, and the last close ends it")
    func sharedSession() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let sessions = try await withThrowingTaskGroup(of: Session<Player>.self) { group in
            for _ in 0..<20 { group.addTask { try await server.players.open(Key(9)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(sessions.map { ObjectIdentifier($0) }).count == 1)
        for session in sessions.dropLast() { try await session.close() }
        #expect(!sessions[0].isEnded)
        try await sessions[0].close()
        #expect(sessions[0].isEnded)
        try await server.drain()
    }

    @Test("a rejoin during the release waits for it and gets the saved document")
    func rejoinDuringRelease() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        for round in 1...30 {
            let session = try await server.players.open(Key(4))
            #expect(session.document.coins == round - 1)
            try session.edit { $0.coins += 1 }
            async let closed: Void = session.close()
            let again = try await server.players.open(Key(4))
            try await closed
            #expect(again.document.coins == round)
            try await again.close()
        }
        try await server.drain()
    }

    @Test("a cancelled open leaves no lease behind")
    func cancelledOpen() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        for _ in 0..<20 {
            let task = Task { try await server.players.open(Key(5)) }
            await Task.yield()
            task.cancel()
            if let session = try? await task.value { try await session.close() }
        }
        let id = RecordID(collection: server.players.name, key: Key(5))
        #expect(try await eventually { try await fleet.backend.inspect(id) == nil })
        try await server.drain()
    }

    @Test("path edits change the place they name and nothing else")
    func pathEdits() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        try await server.players.withSession(for: Key(1)) { session in
            #expect(try session.add(250, to: "coins") == 250)
            try session.append("Sword", to: "inventory")
            try session.set("Axe", at: "inventory.0")
            #expect(session.document == Player(coins: 250, inventory: ["Axe"]))
            #expect(throws: ProfileError.self) { try session.set("many", at: "coins") }
            #expect(throws: ProfileError.self) { try session.add(1, to: "inventory") }
            #expect(session.document.coins == 250)
        }
        try await server.drain()
    }

    @Test("a call before run() fails at its deadline and says so")
    func callBeforeRun() async throws {
        let store = InMemoryStore(deployment: "test")
        let coordinator = try Coordinator(
            configuration: .init(serverID: "early"), backend: InMemoryCoordinationBackend(), store: store
        )
        let players = try coordinator.documents("players")
        await #expect {
            try await players.open(Key(1), timeout: .milliseconds(50))
        } throws: { error in
            (error as? ProfileError)?.code == .notReady && "\(error)".contains("run()")
        }
    }

    @Test("unknown fields and newer data: the first are carried through, the second is refused and left as it is")
    func unknownAndNewer() async throws {
        struct Newer: Codable, Sendable {
            var coins = 0
            var inventory: [String] = []
            var rewards = 0
            var guild = Guild()
            struct Guild: Codable, Sendable {
                var name = "none"
            }
        }
        let fleet = try await Fleet()
        let old = try await fleet.server("old")
        let new = try await fleet.server("new") { $0.observer = nil }
        let documents = try new.coordinator.collection("players2", of: Newer.self, options: .init { _ in Newer() })
        try await documents.withSession(for: Key(1)) { try $0.edit { $0.guild.name = "Owls" } }
        let older = try old.coordinator.collection("players2", of: Player.self, options: .init { _ in Player() })
        try await older.withSession(for: Key(1)) { try $0.edit { $0.coins = 9 } }
        let merged = try #require(try await documents.read(Key(1))?.document)
        #expect(merged.guild.name == "Owls" && merged.coins == 9)

        var options = CollectionOptions<Newer> { _ in Newer() }
        try options.migrate(to: 2) { json in
            guard case .object(var object) = json else { return }
            object["coins"] = .integer(1_000)
            json = .object(object)
        }
        let third = try await fleet.server("third")
        let migrating = try third.coordinator.collection("players2", of: Newer.self, options: options)
        try await migrating.withSession(for: Key(1)) { session in
            #expect(session.document.coins == 1_000)
            try session.edit { $0.coins += 1 }
        }
        let before = try await fleet.store.read(RecordID(collection: older.name, key: Key(1)))
        await #expect {
            try await older.open(Key(1))
        } throws: { ($0 as? ProfileError)?.code == .newerSchema }
        let after = try await fleet.store.read(RecordID(collection: older.name, key: Key(1)))
        #expect(before?.content == after?.content)
        #expect(try await fleet.backend.inspect(RecordID(collection: older.name, key: Key(1))) == nil)
        for server in [old, new, third] { try await server.drain() }
    }
}
