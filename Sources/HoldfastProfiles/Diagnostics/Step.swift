import HoldfastStorage

/// A piece of this server's own work that has one span and one line of the trace.
struct Step: Sendable {
    /// What kind of work it is, as lines of the trace say beside `redis` and `store`.
    enum Side: String, Sendable {
        case session, operation, trade, fleet
    }

    let side: Side
    /// One word, which no other side uses.
    let name: String
    var record: RecordID?
    /// How many records it is about.
    var count = 1
    /// What else it is about, by keys behind `holdfast.`: the same on every server that has a part in it.
    var links: [String: String] = [:]

    var span: String { "holdfast.\(name)" }

    func facts(server: String) -> SpanFacts { .step(record, count: count, server: server, links: links) }
}

extension ProfileCollection {
    /// Carries out a step of a module above, with a span and a line of the trace like any other.
    package func inStep<Success>(
        _ name: String, of key: Key, _ body: () async throws(ProfileError) -> Success
    ) async throws(ProfileError) -> Success {
        try await host.diagnostics.inStep(
            .session(name, of: RecordID(collection: self.name, key: key)), outcome: { _ in "done" }, body)
    }
}

extension Step {
    /// A step of a session, or of a change of a record without one.
    static func session(_ name: String, of record: RecordID, count: Int = 1) -> Step {
        Step(side: .session, name: name, record: record, count: count)
    }

    /// Something that happens to a delivered operation.
    static func operation(_ name: String, _ id: OperationID, type: String, of record: RecordID) -> Step {
        Step(
            side: .operation, name: name, record: record, links: ["operation": id.description, "type": type])
    }

    /// A step of a trade, on any server.
    static func trade(_ name: String, _ trade: String, of record: RecordID? = nil, count: Int = 1) -> Step {
        Step(side: .trade, name: name, record: record, count: count, links: ["trade": trade])
    }

    /// One turn of a duty of the fleet.
    static func turn(of duty: String) -> Step {
        Step(side: .fleet, name: "duty", links: ["duty": duty])
    }
}
