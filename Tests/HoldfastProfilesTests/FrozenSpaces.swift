import HoldfastStorage

/// One small history of logs, scores and definitions, which layout 2 brought.
///
/// Run on the first build that landed it made the files under `Fixtures/layout-2`; later builds must open those.
struct FrozenSpaces: Sendable {
    let store: any DurableStore
    let log: SpaceName
    let table: SpaceName
    let (board, removed): (SpaceName, SpaceName)
    let record: RecordID
    static let owner = Owner(
        nonce: RandomID(high: 1, low: 2), server: "frozen", boot: RandomID(high: 3, low: 4))

    init(_ store: any DurableStore) throws {
        self.store = store
        log = try SpaceName("queue:orders é")
        table = try SpaceName("board:arena:000000000000000")
        board = try SpaceName("board:arena")
        removed = try SpaceName("board:gone")
        record = RecordID(collection: try CollectionName("players"), key: try Key("pia"))
    }

    /// Writes every kind of row.
    func write() async throws {
        _ = try await store.migrate(DeploymentTimings())
        let values = ["one", "two", "three"].enumerated().map { index, text in
            AppendRequest.Entry(
                id: RandomID(high: 7, low: UInt64(index)), value: Array(text.utf8), priority: Double(index) / 2)
        }
        let dropped = AppendRequest(log: try SpaceName("dropped"), entries: values)
        _ = try await store.execute([.append(AppendRequest(log: log, entries: values)), .append(dropped)])
        _ = try await store.execute([.trim(TrimRequest(log: log, which: .ids([values[1].id])))])
        try await store.dropSpace(dropped.log)

        let best = ScoreRule()
        let sum = ScoreRule(scoreOperator: .increment, subscoreOperator: .set)
        let submissions = [
            try submission("ann", .submit(score: .max, subscore: .min, rule: best), metadata: #"{"name":"Ann"}"#),
            try submission("ben", .submit(score: -5, subscore: 3, rule: sum)),
            try submission("ben", .submit(score: 2, subscore: 9, rule: sum)),
            try submission("cat", .join), try submission("dan", .submit(score: 1, subscore: 0, rule: best)),
            try submission("dan", .remove),
        ]
        _ = try await store.execute([.submit(ScoreBatch(id: .random(), submissions: submissions))])

        _ = try await store.execute([.seal(SealRequest(id: record, token: 5, owner: Self.owner))])
        _ = try await store.execute([.commit(try save(version: 0, score: 40))])
        _ = try await store.putDefinition(board, value: Array("{}".utf8), ifVersion: 0)
        _ = try await store.putDefinition(board, value: Array(#"{"a":1}"#.utf8), ifVersion: 1)
        _ = try await store.putDefinition(removed, value: Array("{}".utf8), ifVersion: 0)
        _ = try await store.putDefinition(removed, value: nil, ifVersion: 1)
    }

    /// A save that projects a score.
    func save(version: Int64, score: Int64) throws -> CommitRequest {
        let document = try Payload.encode(canonical: CanonicalJSON.write(["score": .integer(score)]))
        let content = Content(payload: document, schema: 1, userIDs: [], metadata: nil)
        return CommitRequest(
            writes: [
                RecordWrite(
                    id: record, fence: 5, nonce: Self.owner.nonce, version: version, saveID: .random(),
                    change: .content(content))
            ],
            projections: [
                try submission(
                    "pia", .submit(score: score, subscore: 0, rule: ScoreRule(scoreOperator: .set)),
                    version: version + 1)
            ])
    }

    func submission(
        _ member: String, _ action: ScoreSubmission.Action, metadata: String? = nil, version: Int64? = nil
    ) throws -> ScoreSubmission {
        ScoreSubmission(
            table: table, member: try Key(member), action: action, metadata: metadata.map { Array($0.utf8) },
            recordVersion: version)
    }
}
