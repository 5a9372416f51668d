import HoldfastProfiles
import HoldfastReplication
import HoldfastStorage
import Testing

@Suite("Publishing sessions", .timeLimit(.minutes(2)))
struct SessionPublisherTests {
    @Test("whatever changes the document reaches the replica, and nothing else of it does")
    func everyChange() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let session = try await server.players.open(Key(1))
        let other = try await server.players.open(Key(2))
        let publisher = try session.publisher(of: ["coins"])
        let replica = Replica()
        for message in try publisher.answer(replica.request) { _ = try replica.receive(message) }
        #expect(replica.document == ["coins": 0])

        try session.edit { $0.coins = 5 }
        _ = try replica.receive(#require(try publisher.publish()))
        #expect(replica["coins"] == 5)
        try session.edit { $0.inventory.append("hidden") }
        #expect(try publisher.publish() == nil)
        try session.add(3, to: "coins")
        _ = try replica.receive(#require(try publisher.publish()))
        #expect(replica["coins"] == 8)
        try await server.coordinator.transaction(session, other) { mine, theirs in
            mine.coins -= 6
            theirs.coins += 6
        }
        let message = try #require(try publisher.publish())
        #expect(!String(decoding: message, as: UTF8.self).contains("hidden"))
        _ = try replica.receive(message)
        #expect(replica.document == ["coins": 2])

        try await session.close()
        try await other.close()
        try await server.drain()
    }

    @Test("a client follows a session until it ends, its last change included")
    func feed() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let session = try await server.players.open(Key(1))
        let publisher = try session.publisher(of: ["coins"])
        let replica = Replica()
        async let published: Void = publisher.run(every: .milliseconds(5))
        async let received: Void = {
            for try await message in publisher.messages() { _ = try replica.receive(message) }
        }()
        try session.edit { $0.coins = 1 }
        #expect(await eventually(within: .seconds(30)) { replica["coins"] == 1 })
        try session.edit { $0.coins = 2 }
        try await session.close()
        try await published
        try await received
        #expect(replica["coins"] == 2)
        try await server.drain()
    }
}
