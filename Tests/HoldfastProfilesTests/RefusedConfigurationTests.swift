import HoldfastProfiles
import Testing

@Suite("Configurations that a coordinator refuses")
struct RefusedConfigurationTests {
    @Test(
        "work on no profile, a retention that would remove what is to come, and times that no timer knows",
        arguments: [
            { $0.workAtOnce = 0 }, { $0.historyRetention = .seconds(-1) }, { $0.receiptRetention = .seconds(-1) },
            { $0.drainTimeout = .seconds(Int64.max) }, { $0.autosave = .seconds(-1) },
        ] as [@Sendable (inout CoordinatorConfiguration) -> Void])
    func limits(change: @Sendable (inout CoordinatorConfiguration) -> Void) async throws {
        let fleet = try await Fleet()
        await #expect {
            _ = try await fleet.server("a", change: change)
        } throws: { ($0 as? ProfileError)?.code == .badInput }
    }

    @Test(
        "options of a collection with an audit of no number, and with no time for hooks",
        arguments: [
            { $0.auditLimit = -1 }, { $0.auditLimit = 10_001 }, { $0.hookTimeout = .zero },
        ] as [@Sendable (inout CollectionOptions<Player>) -> Void])
    func options(change: @Sendable (inout CollectionOptions<Player>) -> Void) async throws {
        let server = try await Fleet().server("a")
        var options = CollectionOptions<Player> { _ in Player() }
        change(&options)
        let refused = options
        #expect {
            _ = try server.coordinator.collection("strict", of: Player.self, options: refused)
        } throws: { ($0 as? ProfileError)?.code == .badInput }
        try await server.drain()
    }
}
