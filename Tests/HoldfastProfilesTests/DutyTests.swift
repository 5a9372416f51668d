import HoldfastCoordination
import HoldfastStorage
import Synchronization
import Testing

@testable import HoldfastProfiles

@Suite("Duties of the fleet", .timeLimit(.minutes(10)))
struct DutyTests {
    /// Who did turns, in order.
    private final class Turns: Sendable {
        private let list = Mutex<[String]>([])
        func add(_ server: String) { list.withLock { $0.append(server) } }
        var all: [String] { list.withLock { $0 } }
    }

    private func server(
        _ id: String, of fleet: Fleet, backend: InMemoryCoordinationBackend? = nil,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> (Coordinator, Task<Void, any Error>) {
        var configuration = CoordinatorConfiguration(serverID: id)
        configuration.timings = fleet.timings
        configuration.beatsToLive = fleet.beatsToLive
        let coordinator = try Coordinator(
            configuration: configuration, backend: backend ?? InMemoryCoordinationBackend(sharing: fleet.backend),
            store: fleet.store)
        try coordinator.addDuty(name: "count", every: .milliseconds(10), body)
        let task = Task { try await coordinator.run() }
        try await coordinator.waitUntilReady()
        return (coordinator, task)
    }

    @Test("one server does the turns, and when it stops another one goes on")
    func passesOn() async throws {
        let fleet = try await Fleet()
        let turns = Turns()
        let (a, aTask) = try await server("a", of: fleet) { turns.add("a") }
        #expect(await eventually { turns.all.count >= 3 })
        let (b, bTask) = try await server("b", of: fleet) { turns.add("b") }
        // It asks for the lease several times meanwhile.
        let before = turns.all.count
        #expect(await eventually { turns.all.count >= before + 50 })
        #expect(Set(turns.all) == ["a"])
        a.requestDrain()
        try await aTask.value
        #expect(await eventually { turns.all.last == "b" })
        b.requestDrain()
        try await bTask.value
    }

    @Test("a turn that fails is tried again")
    func failure() async throws {
        struct Failed: Error {}
        let fleet = try await Fleet()
        let turns = Turns()
        let (coordinator, task) = try await server("a", of: fleet) {
            turns.add("a")
            throw Failed()
        }
        #expect(await eventually { turns.all.count >= 3 })
        coordinator.requestDrain()
        try await task.value
    }

    @Test("a turn is cancelled once the lease is gone, and the next holder does its own")
    func lostLease() async throws {
        let fleet = try await Fleet()
        let wasCancelled = Flag()
        let turns = Turns()
        let (a, aTask) = try await server("a", of: fleet) {
            turns.add("a")
            while (try? await Task.sleep(for: .seconds(3_600))) != nil {}
            wasCancelled.value = true
        }
        #expect(await eventually { turns.all == ["a"] })
        let record = try FleetDuty(name: "count", every: .seconds(1)) {}.record
        let lease = try #require(try await fleet.backend.inspect(record))
        _ = try await fleet.backend.unlock(record, token: lease.token)
        #expect(await eventually { wasCancelled.value })
        #expect(await eventually { turns.all.count == 2 })
        a.requestDrain()
        try await aTask.value
        #expect(try await fleet.backend.inspect(record) == nil)
    }

    @Test("bad names, short intervals and late duties are refused")
    func badInput() async throws {
        let fleet = try await Fleet()
        let (coordinator, task) = try await server("a", of: fleet) {}
        for (name, interval) in [("", Duration.seconds(1)), ("x", .milliseconds(9)), ("late", .seconds(1))] {
            #expect { try coordinator.addDuty(name: name, every: interval) {} } throws: {
                ($0 as? ProfileError)?.code == .badInput
            }
        }
        #expect { try coordinator.documents(FleetDuty.collection) } throws: {
            ($0 as? ProfileError)?.code == .badInput
        }
        coordinator.requestDrain()
        try await task.value
    }

    @Test("versions that were replaced long ago are removed")
    func history() async throws {
        let fleet = try await Fleet()
        let first = try await fleet.server("a")
        try await first.players.withSession(for: Key(1)) { session in
            try session.edit { $0.coins = 1 }
            try await session.save()
        }
        let id = RecordID(collection: try CollectionName("players"), key: Key(1))
        #expect(try await fleet.store.keepCurrent(of: id, reason: "test") == 1)
        // It is the content of the row, too, until another save replaces it.
        try await first.players.withSession(for: Key(1)) { try $0.edit { $0.coins = 2 } }
        #expect(try await fleet.store.history(of: id, before: nil, limit: 10).count == 1)
        try await first.drain()
        let second = try await fleet.server("b") { $0.historyRetention = .zero }
        #expect(
            await eventually {
                let kept = try? await fleet.store.history(of: id, before: nil, limit: 10)
                return kept?.isEmpty == true
            })
        try await second.drain()
    }
}
