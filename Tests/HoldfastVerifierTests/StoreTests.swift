import HoldfastPostgres
import HoldfastSQLite
import HoldfastStorage
import HoldfastVerifier
import Logging
import TestServers
import Testing

@Suite("Histories that our own stores wrote")
struct StoreTests {
    @Test("a SQLite store's history holds, and turns red when an acknowledged save is missing")
    func sqlite() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("store.sqlite")
        let store = try SQLiteStore(path: path, deployment: "test")
        try await StoreHistory(store: store, location: .sqlite(path: path), folder: folder).check()
        await store.close()
    }

    @Test("a PostgreSQL store's history holds, and turns red when an acknowledged save is missing")
    func postgres() async throws {
        let server = try await PrivatePostgres.start(syncs: false)
        let location = try StoreLocation(url: server.url())
        let foreign = #expect(throws: VerifierError.self) { try CommitLog.install(at: location) }
        #expect(foreign?.code == .notFound)
        let store = try PostgresStore(url: server.url(), deployment: "test", logger: Logger(label: "test"))
        let folder = try TemporaryFolder()
        try await StoreHistory(store: store, location: location, folder: folder).check()

        // A row that changes without a new version, and a log that is gone.
        _ = try server.query("UPDATE holdfast.record SET checksum = checksum + 1")
        let journals = JournalFolder(folder: folder)
        journals.line(#""kind":"refused","key":"1""#, of: "s9")
        let verdict = try journals.verdict(on: location, deployment: "test")
        #expect(verdict.staleWritesAccepted == 1)
        #expect(verdict.problems.contains { $0.contains("checksum") })
        try CommitLog.remove(at: location)
        try CommitLog.remove(at: location)
        let gone = #expect(throws: VerifierError.self) { try journals.verdict(on: location, deployment: "test") }
        #expect(gone?.code == .notFound)
        await store.close()
    }
}

/// Two sessions of one player over a real store: saves, a reward, a release, a refused stale save.
struct StoreHistory {
    let store: any DurableStore
    let location: StoreLocation
    let folder: TemporaryFolder

    private let boot = RandomID.random()

    func check() async throws {
        _ = try await store.migrate(DeploymentTimings())
        try CommitLog.install(at: location)
        try CommitLog.install(at: location)
        let journals = JournalFolder(folder: folder)
        let id = RecordID(collection: try CollectionName("players"), key: try Key("1"))
        var player = Player()

        let first = try await open(id, token: 1, player, journals)
        player.earned = 100
        try await save(id, first, fence: 1, version: 0, player, journals)
        let reward = Delivery(
            record: id, id: try OperationID("r"), type: "demo.reward", payload: Array(#"{"coins":30}"#.utf8))
        #expect(try await store.execute([.deliver(reward)]) == [.deliver(.delivered)])
        journals.line(#""kind":"delivered","key":"1","id":"r","amount":30"#, of: "s1")
        player.rewarded = 30
        player.rewards = 1
        try await save(id, first, fence: 1, version: 1, player, journals, applying: reward.id)
        try await save(id, first, fence: 1, version: 2, player, journals, releases: true)
        journals.line(#""kind":"ended","key":"1","owner":"\#(first)","fence":1,"reason":"closed""#, of: "s1")

        let second = try await open(id, token: 2, player, journals)
        player.earned += 7
        try await save(id, second, fence: 2, version: 3, player, journals)
        let stale = try commit(id, first, fence: 1, version: 3, player, saveID: .random())
        guard case .commit(.refused) = try await store.execute([.commit(stale)])[0] else {
            Issue.record("a stale save was accepted")
            return
        }

        let addition = try await share(journals)

        let verdict = try journals.verdict(on: location, deployment: "test")
        #expect(verdict.problems == [])
        #expect(verdict.ok)
        #expect(verdict.coinsFound == 137)
        #expect(verdict.seen.scores == 3 && verdict.seen.heard == 1)
        // Two seals and four saves; PostgreSQL makes the row in a step of its own.
        #expect((6...7).contains(verdict.seen.commits))

        acknowledge(.random(), second, fence: 2, version: 5, player, journals)
        _ = try await store.execute([.submit(ScoreBatch(id: .random(), submissions: [addition]))])
        journals.line(#""kind":"announcing","id":"\#(boot)""#, of: "s1")
        journals.line(#""kind":"announced","id":"\#(boot)","sequence":2"#, of: "s1")
        let red = try journals.verdict(on: location, deployment: "test")
        #expect(!red.ok)
        #expect(red.lostSaves == 1)
        #expect(red.boardMismatches == 1)
        #expect(red.problems.contains { $0.contains("acknowledged as number 2") })
    }

    /// Scores on both boards and an announcement, as the library names them in the store.
    private func share(_ journals: JournalFolder) async throws -> ScoreSubmission {
        var last: ScoreSubmission?
        let scores = [("best", "1", 7), ("best", "é", 9), ("sum", "1", 4), ("rewards", "1", 1)]
        for (number, (board, key, score)) in scores.enumerated() {
            let operators = ["best": ScoreOperator.best, "sum": .increment, "rewards": .set]
            let submission = ScoreSubmission(
                table: try SpaceName("board:players-\(board):\(boot):000000000000000"), member: try Key(key),
                action: .submit(
                    score: Int64(score), subscore: 0, rule: ScoreRule(scoreOperator: try #require(operators[board]))))
            // The last one comes with a commit.
            if board != "rewards" {
                journals.line(
                    #""kind":"scoring","number":\#(number),"board":"\#(board)","key":"\#(key)","score":\#(score)"#,
                    of: "s1")
            }
            _ = try await store.execute([.submit(ScoreBatch(id: .random(), submissions: [submission]))])
            if board == "rewards" { continue }
            journals.line(#""kind":"scored","number":\#(number)"#, of: "s1")
            last = submission
        }
        for (board, rank, key, score) in [
            ("best", 1, "é", 9), ("best", 2, "1", 7), ("sum", 1, "1", 4), ("rewards", 1, "1", 1),
        ] {
            journals.line(
                #""kind":"ranked","board":"\#(board)","rank":\#(rank),"key":"\#(key)","score":\#(score)"#, of: "demo")
        }
        for (board, rows) in [("best", 2), ("sum", 1), ("rewards", 1)] {
            journals.line(#""kind":"ranking","board":"\#(board)","rows":\#(rows)"#, of: "demo")
        }

        let news = RandomID.random()
        journals.line(#""kind":"listening","reader":"s1","after":0"#, of: "s1")
        journals.line(#""kind":"announcing","id":"\#(news)""#, of: "s1")
        let append = AppendRequest(log: try SpaceName("announce:players"), entries: [.init(id: news, value: [0x31])])
        _ = try await store.execute([.append(append)])
        journals.line(#""kind":"announced","id":"\#(news)","sequence":1"#, of: "s1")
        journals.line(#""kind":"heard","id":"\#(news)","sequence":1"#, of: "s1")
        journals.line(#""kind":"parting""#, of: "s1")
        return try #require(last)
    }

    private func open(
        _ id: RecordID, token: Int64, _ player: Player, _ journals: JournalFolder
    ) async throws -> RandomID {
        let owner = Owner(nonce: .random(), server: "s1", boot: boot)
        let replies = try await store.execute([.seal(SealRequest(id: id, token: token, owner: owner))])
        guard case .seal(.sealed(let sealed)) = replies[0] else { throw TestServerError("the seal was refused") }
        journals.line(
            """
            "kind":"opened","key":"1","version":\(sealed.version),"fence":\(token),"owner":"\(owner.nonce)",\
            "how":"free","coins":\(player.coins)
            """, of: "s1")
        return owner.nonce
    }

    private func save(
        _ id: RecordID, _ nonce: RandomID, fence: Int64, version: Int64, _ player: Player, _ journals: JournalFolder,
        applying operation: OperationID? = nil, releases: Bool = false
    ) async throws {
        let saveID = RandomID.random()
        var request = try commit(id, nonce, fence: fence, version: version, player, saveID: saveID)
        request.writes[0].releases = releases
        request.settlements = operation.map { [Settlement(record: id, id: $0, state: .applied, attempts: 0)] } ?? []
        #expect(try await store.execute([.commit(request)]) == [.commit(.committed)])
        acknowledge(saveID, nonce, fence: fence, version: version + 1, player, journals)
        if let operation {
            journals.line(
                #""kind":"applied","key":"1","id":"\#(operation)","version":\#(version + 1)"#, of: "s1")
        }
    }

    private func commit(
        _ id: RecordID, _ nonce: RandomID, fence: Int64, version: Int64, _ player: Player, saveID: RandomID
    ) throws -> CommitRequest {
        let content = Content(payload: try Payload.encode(canonical: player.document), schema: 1)
        return CommitRequest(writes: [
            RecordWrite(
                id: id, fence: fence, nonce: nonce, version: version, saveID: saveID, change: .content(content))
        ])
    }

    private func acknowledge(
        _ saveID: RandomID, _ nonce: RandomID, fence: Int64, version: Int64, _ player: Player,
        _ journals: JournalFolder
    ) {
        journals.line(
            """
            "kind":"saved","key":"1","version":\(version),"fence":\(fence),"owner":"\(nonce)",\
            "saveID":"\(saveID)",\(player.balance)
            """, of: "s1")
    }
}
