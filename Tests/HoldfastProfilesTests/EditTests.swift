import Dispatch
import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Edits and all that goes on meanwhile", .timeLimit(.minutes(3)))
struct EditTests {
    @Test("the closure of an edit may look at its session, which is as it was before")
    func looks() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a")
        let session = try await server.players.open(Key(1))
        try session.edit(reason: "first") { $0.coins = 5 }
        try session.edit { player in
            player.coins = 100 + session.document.coins
            player.inventory = session.audit.compactMap(\.reason)
            #expect(session.document.coins == 5 && !session.isEnded && session.userIDs.isEmpty)
        }
        #expect(session.document == Player(coins: 105, inventory: ["first"]))
        try await session.close()
        try await server.drain()
    }

    @Test("an edit that takes its time keeps neither beats nor renewals nor looks waiting; the close waits for it")
    func slow() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(3_600) }
        let session = try await server.players.open(Key(1))
        try session.edit { $0.coins = 1 }
        let (gate, begun) = (DispatchSemaphore(value: 0), Flag())
        defer { gate.signal() }
        // On a thread of its own: it blocks.
        DispatchQueue.global().async {
            try? session.edit { player in
                begun.value = true
                gate.wait()
                player.coins += 10
            }
        }
        #expect(await eventually { begun.value })
        let first = try #require(await fleet.backend.server("a")).number
        let remaining = try #require(await fleet.backend.inspect(session.id)).remaining
        #expect(try await eventually { try await fleet.backend.server("a")?.number ?? 0 > first + 10 })
        #expect(try await eventually { try await fleet.backend.inspect(session.id)?.remaining ?? .zero >= remaining })
        #expect(session.document.coins == 1 && server.coordinator.sessions().count == 1)
        gate.signal()
        try await session.close()
        #expect(try await server.players.read(Key(1))?.document.coins == 11)
        try await server.drain()
    }
}
