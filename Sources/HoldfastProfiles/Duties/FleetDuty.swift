import HoldfastStorage

/// Work of the whole fleet that one server at a time does.
struct FleetDuty: Sendable {
    /// Names the leases of duties; no profile has it.
    static var collection: String { Coordinator.dutyCollection }
    /// The shortest time between two turns.
    static let shortestInterval: Duration = .milliseconds(10)

    let name: String
    let record: RecordID
    let interval: Duration
    let body: @Sendable () async throws -> Void

    init(
        name: String, every interval: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) throws(ProfileError) {
        guard interval >= Self.shortestInterval else {
            throw ProfileError(.badInput, "duty \(name): two turns are at least \(Self.shortestInterval) apart")
        }
        do {
            record = RecordID(collection: try CollectionName(Self.collection), key: try Key(name))
        } catch {
            throw ProfileError(error)
        }
        self.name = name
        self.interval = interval
        self.body = body
    }
}
