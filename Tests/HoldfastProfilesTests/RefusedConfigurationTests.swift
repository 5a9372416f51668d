import HoldfastProfiles
import Testing

@Suite("Configurations that a coordinator refuses")
struct RefusedConfigurationTests {
    @Test(
        "work on no profile and a retention that would remove what is to come",
        arguments: [
            { $0.workAtOnce = 0 }, { $0.historyRetention = .seconds(-1) }, { $0.receiptRetention = .seconds(-1) },
        ] as [@Sendable (inout CoordinatorConfiguration) -> Void])
    func limits(change: @Sendable (inout CoordinatorConfiguration) -> Void) async throws {
        let fleet = try await Fleet()
        await #expect {
            _ = try await fleet.server("a", change: change)
        } throws: { ($0 as? ProfileError)?.code == .badInput }
    }
}
