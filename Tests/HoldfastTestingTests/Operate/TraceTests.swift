import HoldfastProfiles
import HoldfastStorage
import HoldfastTesting
import HoldfastWorlds
import TestServers
import Testing

@Suite("The trace of what a server does", .timeLimit(.minutes(3)))
struct TraceTests {
    private let patience = Duration.seconds(30)

    /// Fails as often as it is tried, or cannot be done at all.
    private struct Spoil: ProfileOperation {
        static let name = "spoil"
        struct Failed: Error {}
        var isFinal: Bool

        func apply(to player: inout Player) throws {
            if isFinal { throw OperationRefusal("987654321") }
            throw Failed()
        }
    }

    private func players(_ server: TestServer) throws -> ProfileCollection<Player> {
        var options = CollectionOptions<Player> { _ in Player() }
        try options.handle(GiveCoins.self)
        try options.handle(Spoil.self, policy: OperationPolicy(maximumAttempts: 2, firstPause: .milliseconds(1)))
        return try server.coordinator.collection("players", of: Player.self, options: options)
    }

    @Test("each delivery and each attempt at an operation has a line and a span with its id, type and record")
    func operations() async throws {
        let watcher = Watcher()
        let fleet = try await TestFleet()
        try await fleet.withServer(watcher.configuration(fleet), logger: watcher.lines.logger(level: .error)) {
            server in
            let players = try players(server)
            let session = try await players.open(Key(42), timeout: patience)
            for (id, isFinal) in [("often", false), ("never", true)] {
                try await players.deliver(Spoil(isFinal: isFinal), to: Key(42), id: id, timeout: patience)
                let receipt = try await players.result(of: id, key: Key(42), timeout: patience)
                #expect(receipt.state == .dead)
            }
            try await players.deliver(GiveCoins(coins: 987_654_321), to: Key(42), id: "gift", timeout: patience)
            #expect(try await players.result(of: "gift", key: Key(42), timeout: patience).state == .applied)
            try await session.close(timeout: patience)
        }
        let ours = "server-1 operation"
        for (id, attempts) in [("gift", ["applied"]), ("never", ["dead"]), ("often", ["dead", "failed"])] {
            let expected = attempts.map { "\(ours) apply \($0)" } + ["\(ours) deliver delivered"]
            #expect(watcher.calls("operation", id).sorted() == expected)
        }
        let lines = watcher.lines.all.filter { $0.value("holdfast.operation") == "gift" }
        #expect(lines.allSatisfy { $0.value("holdfast.type") == "give.coins" })
        #expect(lines.allSatisfy { $0.value("holdfast.record") == "players/42" })
        let applied = watcher.spans("holdfast.apply", "operation", "gift")
        #expect(applied.map { Watcher.text($0, "holdfast.outcome") } == ["applied"])
        #expect(applied.first.flatMap { Watcher.text($0, "holdfast.type") } == "give.coins")
        let failed = watcher.spans("holdfast.apply", "operation", "often")
        #expect(failed.map { Watcher.text($0, "error.type") } == ["failed", "dead"])
        #expect(failed.allSatisfy { $0.status?.code == .error })
        #expect(watcher.lines.all.allSatisfy { !"\($0.message) \($0.metadata)".contains("987654321") })
        #expect(watcher.tracer.activeSpans.isEmpty)
    }

    @Test("work, updates, transactions, deletions, restores and shared changes are steps with the game's own inside")
    func steps() async throws {
        let watcher = Watcher()
        let fleet = try await TestFleet()
        var configuration = watcher.configuration(fleet)
        configuration.backups = BackupPolicy(every: .milliseconds(50), keep: 1)
        try await fleet.withServer(configuration, logger: watcher.lines.logger(level: .error)) { server in
            let players = try players(server)
            try await players.update(Key(1), timeout: patience) { $0.coins = 1 }
            fleet.clock.advance(by: .seconds(3_600))
            try await players.update(Key(1), timeout: patience) { $0.coins = 2 }
            try await players.enqueue(Key(2), timeout: patience) { try $0.edit { $0.coins = 5 } }.value()
            try await server.coordinator.transaction(
                opening: [players.record(Key(1)), players.record(Key(2))], timeout: patience
            ) { scope in try scope.edit(Key(1), in: players) { $0.coins += 1 } }
            await #expect(throws: CancellationError.self) {
                try await players.update(Key(1), timeout: patience) { (_: inout Player) -> Void in
                    throw CancellationError()
                }
            }
            _ = try await players.restore(Key(1), to: .version(1), takesOver: true, timeout: patience)
            _ = try await players.repair(Key(1), timeout: patience)
            let session = try await players.open(Key(2), timeout: patience)
            try await session.delete(timeout: patience)
            let guilds = try server.coordinator.sharedCollection(
                "guilds", of: Player.self, options: CollectionOptions { _ in Player() })
            try await guilds.update(Key(7), timeout: patience) { $0.coins = 1 }
            let host = WorldHost(try WorldStore(server.coordinator, terrain: nil))
            _ = try await host.join("ada", timeout: patience)
            try await host.leave("ada", timeout: patience)
            try await eventually("the fleet's duties have had a turn") {
                watcher.calls("duty", "trades").contains("server-1 fleet duty done")
                    && watcher.calls("record", "players/1").contains("server-1 session copy copied")
            }
        }
        let first = watcher.calls("record", "players/1")
        for call in [
            "update done", "update CancellationError", "transaction committed", "restore done", "repair done",
        ] { #expect(first.contains("server-1 session \(call)"), "\(call) is missing in \(first)") }
        let second = watcher.calls("record", "players/2")
        for call in ["work done", "delete done"] { #expect(second.contains("server-1 session \(call)"), "\(second)") }
        #expect(watcher.calls("record", "guilds/7").contains("server-1 session change done"))
        // What a step does is inside of it, in whichever task.
        let claim = try #require(watcher.tracer.finishedSpans.first { $0.operationName == "holdfast.claim" })
        let opens = watcher.tracer.finishedSpans.filter { $0.operationName == "holdfast.open" }
        #expect(opens.contains { $0.parentSpanID == claim.spanID })
        let updates = watcher.spans("holdfast.update", "record", "players/1")
        #expect(updates.count == 3 && updates.count { Watcher.text($0, "error.type") == "CancellationError" } == 1)
        #expect(watcher.spans("holdfast.transaction", "record", "players/1").count == 1)
        #expect(!watcher.spans("holdfast.duty", "duty", "trades").isEmpty)
        #expect(watcher.tracer.activeSpans.isEmpty)
    }
}
