import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Collections that many servers write", .timeLimit(.minutes(2)))
struct SharedCollectionTests {
    private struct Guild: Codable, Sendable, Equatable {
        var name = "new"
        var members = 0
    }

    private func guilds(_ server: Server) throws -> SharedCollection<Guild> {
        try server.coordinator.sharedCollection("guilds", of: Guild.self, options: .init { _ in Guild() })
    }

    @Test("updates of many servers at once are all there")
    func concurrent() async throws {
        let fleet = try await Fleet()
        let servers = [try await fleet.server("a"), try await fleet.server("b"), try await fleet.server("c")]
        let collections = try servers.map(guilds)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for guilds in collections {
                for _ in 0..<15 {
                    group.addTask { try await guilds.update(Key("owls"), timeout: .seconds(60)) { $0.members += 1 } }
                }
            }
            try await group.waitForAll()
        }
        let snapshot = try await collections[0].read(Key("owls"))
        #expect(snapshot?.document.members == 45 && snapshot?.version == 45 && snapshot?.owner == nil)
        for server in servers { try await server.drain() }
    }

    @Test("a condition decides: absent, a version, or any; a conflict changes nothing")
    func conditions() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let guilds = try guilds(server)
        #expect(await code { try await guilds.update(Key("owls"), if: .version(1)) { $0.members = 9 } } == .conflict)
        let created = try await guilds.update(Key("owls"), if: .absent) { guild in
            guild.name = "Owls"
            return guild.name
        }
        #expect(created.version == 1 && created.result == "Owls")
        #expect(try await guilds.list(startingWith: "o").map(\.key) == [Key("owls")])
        #expect(try await guilds.list(startingWith: "p").isEmpty)
        #expect(await code { try await guilds.update(Key("owls"), if: .absent) { $0.members = 9 } } == .conflict)
        #expect(await code { try await guilds.update(Key("owls"), if: .version(2)) { $0.members = 9 } } == .conflict)
        #expect(try await guilds.update(Key("owls"), if: .version(1)) { $0.members = 1 }.version == 2)
        // The same again is no write.
        #expect(try await guilds.update(Key("owls")) { $0.members = 1 }.version == 2)
        #expect(await code { try await guilds.delete(Key("owls"), if: .version(1)) } == .conflict)
        try await guilds.delete(Key("owls"), if: .version(2))
        #expect(try await guilds.read(Key("owls")) == nil)
        #expect(try await guilds.update(Key("owls"), if: .absent) { $0.name = "Owls II" }.version == 4)
        try await server.drain()
    }

    @Test("a closure that throws changes nothing and leaves nobody's name on the document")
    func refused() async throws {
        struct Full: Error {}
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let guilds = try guilds(server)
        try await guilds.update(Key("owls")) { $0.members = 1 }
        await #expect(throws: Full.self) {
            try await guilds.update(Key("owls")) { guild in
                guild.members = 2
                throw Full()
            }
        }
        let snapshot = try await guilds.read(Key("owls"))
        #expect(snapshot?.document.members == 1 && snapshot?.owner == nil)
        try await server.drain()
    }

    @Test("a writer that died with its name on the document is passed, and can write no more")
    func deadWriter() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let guilds = try guilds(server)
        try await guilds.update(Key("owls")) { $0.members = 1 }
        let id = try RecordID(collection: guilds.name, key: Key("owls"))
        let fence = try #require(try await fleet.store.read(id)?.fence)
        let owner = Owner(nonce: .random(), server: "dead", boot: .random())
        _ = try await fleet.store.execute([.seal(SealRequest(id: id, token: fence + 1, owner: owner))])
        try await guilds.update(Key("owls"), timeout: .seconds(60)) { $0.members += 1 }
        let late = RecordWrite(
            id: id, fence: fence + 1, nonce: owner.nonce, version: 1, saveID: .random(), change: .tombstone)
        let replies = try await fleet.store.execute([.commit(CommitRequest(writes: [late]))])
        guard case .commit(.refused) = replies[0] else {
            Issue.record("a superseded writer has written")
            return
        }
        #expect(try await guilds.read(Key("owls"))?.document.members == 2)
        try await server.drain()
    }

    @Test("a lost answer is settled: the update counts once")
    func ambiguous() async throws {
        let memory = InMemoryStore(deployment: "test")
        let calls = Counter()
        let store = FailingStore(memory) { call in
            guard case .execute(let group) = call.kind else { return .none }
            let hasCommit = group.contains { if case .commit = $0 { true } else { false } }
            return hasCommit && calls.next() % 2 == 0 ? .after() : .none
        }
        let fleet = try await Fleet(store: memory)
        let server = try await fleet.server("a", store: store)
        let guilds = try guilds(server)
        for _ in 0..<5 { try await guilds.update(Key("owls"), timeout: .seconds(60)) { $0.members += 1 } }
        #expect(try await guilds.read(Key("owls"))?.document.members == 5)
        try await server.drain()
    }
}
