import HoldfastProfiles
import HoldfastStorage
import HoldfastTesting
import Logging
import MetricsTestKit
import TestServers
import Testing

import enum Metrics.MetricsSystem
import func Metrics.withMetricsFactory

@Suite("What a server says of failing sides", .timeLimit(.minutes(3)))
struct HealthTests {
    private func configuration(_ fleet: TestFleet) -> CoordinatorConfiguration {
        var configuration = fleet.configuration()
        configuration.healthPolicy.burst = .zero
        configuration.healthPolicy.recovery = .seconds(2)
        return configuration
    }

    @Test("failures that go on make it critical, to its game, its log, its metric and its beat, until they stop")
    func critical() async throws {
        let metrics = TestMetrics()
        let lines = LogLines()
        let fleet = try await TestFleet()
        try await withMetricsFactory(metrics) {
            try await fleet.withServer(configuration(fleet), logger: lines.logger()) { server in
                let coordinator = server.coordinator
                let updates = coordinator.healthUpdates()
                let gauge = try metrics.expectGauge("holdfast_critical")
                #expect(!coordinator.isCritical && gauge.lastValue == 0)
                let session = try await server.players().open(Key(42), timeout: .seconds(30))

                fleet.store.goDown()
                try session.edit { $0.coins = 1 }
                await #expect(throws: ProfileError.self) { try await session.save(timeout: .seconds(2)) }
                try await eventually("the server is critical") { coordinator.isCritical }
                #expect(coordinator.health.storeFailures == 5 && coordinator.health.redisFailures == 0)
                #expect(coordinator.health.lastFailure == "store unavailable")
                #expect(gauge.lastValue == 1)
                let failures = try metrics.expectCounter(
                    "holdfast_call_failures_total", [("side", "store"), ("code", "unavailable")])
                #expect(failures.totalValue >= 5)
                try await eventually("its beat says so") {
                    let beat = try await server.link.server("server-1")
                    return beat?.critical == true
                }

                fleet.store.comeBack()
                try await session.save(timeout: .seconds(30))
                try await eventually("the server has recovered") { !coordinator.isCritical }
                #expect(gauge.lastValue == 0)
                try await eventually("its beat says so") {
                    let beat = try await server.link.server("server-1")
                    return beat?.critical == false
                }
                try await session.close(timeout: .seconds(30))
                server.coordinator.requestDrain()
                var seen: [Bool] = []
                for await health in updates where seen.last != health.isCritical { seen.append(health.isCritical) }
                #expect(seen == [false, true, false] || seen == [true, false])
            }
        }
        let told = lines.all.filter { $0.message.contains("critical:") || $0.message.contains("recovered:") }
        #expect(told.map(\.level) == [.critical, .notice])
        #expect(told.allSatisfy { $0.value("holdfast.server") == "server-1" })
        #expect(told.first?.value("holdfast.last_failure") == "store unavailable")
    }

    @Test("health that is asked for after the end is told once")
    func afterTheEnd() async throws {
        let fleet = try await TestFleet()
        let server = try await fleet.start()
        try await server.drain()
        var told: [Health] = []
        for await health in server.coordinator.healthUpdates() { told.append(health) }
        #expect(told.count == 1)
    }

    @Test("Redis that is away makes it critical as well, and what a caller did wrong does not")
    func redis() async throws {
        let fleet = try await TestFleet()
        try await fleet.withServer(configuration(fleet)) { server in
            let players = try server.players()
            fleet.store.fail(.before(StoreError(.corrupt, "damaged")), times: 20) { call in
                if case .read = call.kind { true } else { false }
            }
            for _ in 0..<20 {
                await #expect(throws: ProfileError.self) { try await players.read(Key(1)) }
            }
            #expect(fleet.store.injectedFailures == 20)
            #expect(server.coordinator.health == Health())
            fleet.coordination.goDown()
            try await eventually("the server is critical") { server.coordinator.isCritical }
            #expect(server.coordinator.health.storeFailures == 0)
            fleet.coordination.comeBack()
            try await eventually("the server has recovered") { !server.coordinator.isCritical }
        }
    }

    @Test("a trace has one line for each call and step, with record, outcome and time, and nothing of the document")
    func trace() async throws {
        let lines = LogLines()
        let fleet = try await TestFleet()
        var configuration = fleet.configuration()
        configuration.traces = true
        try await fleet.withServer(configuration, logger: lines.logger(level: .error)) { server in
            try await server.players().withSession(for: Key(42), timeout: .seconds(30)) { session in
                try session.edit { $0.coins = 987_654_321 }
                try await session.save(timeout: .seconds(30))
                fleet.store.fail(.after())
                try session.edit { $0.coins = 987_654_322 }
                try await session.save(timeout: .seconds(30))
            }
        }
        let calls = lines.all.filter { $0.level == .trace }
        #expect(calls.allSatisfy { $0.message == "call" && $0.value("holdfast.server") == "server-1" })
        #expect(calls.allSatisfy { $0.value("holdfast.micros").flatMap(Int.init) != nil })
        let shown = calls.filter { $0.value("holdfast.record") == "players/42" }.map { line in
            ["side", "call", "outcome"].map { line.value("holdfast.\($0)") ?? "?" }.joined(separator: " ")
        }
        for expected in [
            "redis acquire acquired", "store seal sealed", "session open free", "store commit committed",
            "session save saved", "store commit outcomeUnknown", "session close closed", "redis release ok",
        ] { #expect(shown.contains(expected), "\(expected) is missing in \(shown)") }
        let text = lines.all.map { "\($0.message) \($0.metadata)" }.joined()
        #expect(!text.contains("98765432") && !text.contains("coins"))
    }

    @Test("without a trace nothing of the kind is logged")
    func noTrace() async throws {
        let lines = LogLines()
        let fleet = try await TestFleet()
        try await fleet.withServer(logger: lines.logger(level: .trace)) { server in
            try await server.players().withSession(for: Key(42), timeout: .seconds(30)) { try $0.edit { $0.coins = 1 } }
        }
        #expect(lines.all.allSatisfy { $0.message != "call" })
    }
}
