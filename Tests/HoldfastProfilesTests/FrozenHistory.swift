import HoldfastStorage

/// One small history of what layout 3 brought: parts, kept versions, decisions, people, a generation, steps and times
/// of operations, entries of commits.
///
/// Run on the first build that landed it with backups, it made the files under `Fixtures/layout-3`; later builds must
/// open those.
struct FrozenHistory: Sendable {
    static let owner = Owner(nonce: RandomID(high: 1, low: 2), server: "frozen", boot: RandomID(high: 3, low: 4))
    static let trade = RandomID(high: 5, low: 6)

    let store: any DurableStore
    let record: RecordID
    let ledger: SpaceName

    init(_ store: any DurableStore) throws {
        self.store = store
        record = RecordID(collection: try CollectionName("worlds"), key: try Key("é {:*}"))
        ledger = try SpaceName("ledger:coins")
    }

    /// Writes every kind of row.
    func write() async throws {
        _ = try await store.migrate(DeploymentTimings())
        let generation = try await store.bumpGeneration()
        _ = try await store.execute([.seal(SealRequest(id: record, token: 5, owner: Self.owner))])
        for id in ["pending", "stepped", "dead"] {
            let delivery = Delivery(
                record: record, id: try OperationID(id), type: "reward", payload: Array("{}".utf8),
                timeToLiveMillis: id == "pending" ? Delivery.maximumWaitMillis : nil)
            _ = try await store.execute([.deliver(delivery)])
        }
        try await commit(1, over: 0, generation: generation, parts: ["0:0": "chunk", "0:1": "other"])
        try await commit(2, over: 1, generation: generation, parts: ["0:1": nil, "1:1": "new"])
        let settlements = [
            Settlement(
                record: record, id: try OperationID("stepped"), state: .pending, attempts: 0,
                progress: Array(#"{"step":1}"#.utf8)),
            Settlement(record: record, id: try OperationID("dead"), state: .dead, attempts: 3, lastError: "broken"),
        ]
        try await commit(3, over: 2, generation: generation, settlements: settlements)
        try await store.rememberErasure(ofUser: "gone é")
    }

    /// Saves a number under the generation; each save keeps what it replaces.
    func commit(
        _ number: Int64, over version: Int64, generation: Int64, parts: [String: String?] = [:],
        settlements: [Settlement] = []
    ) async throws {
        let payload = try Payload.encode(canonical: try CanonicalJSON.write(["number": .integer(number)]))
        let content = Content(
            payload: payload, schema: 2, userIDs: ["ann", "é"], metadata: Array(#"{"m":1}"#.utf8))
        var write = RecordWrite(
            id: record, fence: 5, nonce: Self.owner.nonce, version: version, saveID: .random(),
            change: .content(content), keeps: .always(reason: "save \(number)"))
        write.parts = try parts.sorted { $0.key < $1.key }.map { name, text in
            PartWrite(name: try PartName(name), payload: text.map { PartPayload(Array($0.utf8)) })
        }
        let entry = AppendRequest.Entry(id: RandomID(high: 9, low: UInt64(number)), value: Array("coin".utf8))
        let request = CommitRequest(
            writes: [write], settlements: settlements, entries: [AppendRequest(log: ledger, entries: [entry])],
            decision: number == 3 ? Decision(trade: Self.trade, verdict: .committed) : nil, generation: generation)
        guard try await store.execute([.commit(request)]) == [.commit(.committed)] else { throw Refused() }
    }

    struct Refused: Error {}
}
