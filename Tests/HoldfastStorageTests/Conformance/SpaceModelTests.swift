import HoldfastStorage
import ModelTesting
import TestServers
import Testing

@Suite("Every store: random histories of logs and scores")
struct SpaceModelTests {
    @Test("groups of random requests give what a plain reference gives", arguments: StoreKind.allCases)
    func agreesWithReference(kind: StoreKind) async throws {
        let histories = [.memory: 200, .sqlite: 30][kind] ?? 8
        try await withStore(kind) { store in
            for seed in 0..<histories {
                var history = try SpaceHistory(seed: UInt64(seed), length: 8)
                try await history.play(on: store)
                if let difference = history.difference {
                    Issue.record("\(kind), seed \(seed): \(difference)")
                    return
                }
            }
        }
    }
}

/// One seeded history of groups, played on a store and on the reference.
struct SpaceHistory {
    /// Where both differed first; nil when they never did.
    private(set) var difference: String?

    private var random: SeededGenerator
    private var model = SpaceModel()
    private var actors: [StoreActor]
    private let length: Int
    private let logs: [SpaceName]
    private let tables: [SpaceName]
    private let ids: [RandomID]
    private var batches: [ScoreBatch] = []
    private var generations: [SpaceName: RandomID] = [:]

    init(seed: UInt64, length: Int) throws {
        random = SeededGenerator(seed: seed)
        self.length = length
        logs = try ["a", "b"].map { try SpaceName("\(seed):\($0)") }
        // One name is a log and a table at once.
        tables = try ["b", "c"].map { try SpaceName("\(seed):\($0)") }
        ids = (0..<12).map { _ in .random() }
        actors = try (0..<3).map { try StoreActor("\(seed)-\($0)") }
    }

    mutating func play(on store: any DurableStore) async throws {
        for actor in actors { _ = try await actor.seal(store) }
        for step in 0..<length where difference == nil {
            if chance(8) {
                let name = pick(logs + tables)
                try await store.dropSpace(name)
                model.drop(name)
                generations[name] = nil
            }
            let group = try (0..<Int.random(in: 1...7, using: &random)).map { try request($0) }
            let hits = group.map { request in
                if case .commit(let commit) = request { commit.writes[0].version == version(of: commit) } else { true }
            }
            let expected = zip(group, hits).map { model.run($0, hits: $1) }
            let replies = try await store.execute(group)
            for (index, request) in group.enumerated() {
                if case .commit = request, hits[index] { moveOn(request) }
                let reply = try plain(replies[index], of: request)
                if reply != expected[index] {
                    difference = "step \(step): \(request)\ngave \(reply)\nnot \(expected[index])\nin \(group)"
                    return
                }
            }
            try await compareState(step, store)
        }
    }

    // MARK: - Requests

    private mutating func request(_ index: Int) throws -> StoreRequest {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<2: return .append(append())
        case 2: return .trim(trim())
        case 3 where index < actors.count: return try commit(actors[index])
        default: return .submit(try batch())
        }
    }

    private mutating func append() -> AppendRequest {
        let count = Int.random(in: 1...4, using: &random)
        let entries = ids.shuffled(using: &random).prefix(count).map { id in
            entry("\(Int.random(in: 0..<100, using: &random))", id: id)
        }
        let limit = chance(50) ? Int.random(in: 1...8, using: &random) : nil
        return AppendRequest(log: pick(logs), entries: Array(entries), limit: limit)
    }

    private mutating func trim() -> TrimRequest {
        let which: TrimRequest.Which =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: .through(Int64.random(in: 0...20, using: &random))
            case 1: .expired
            default: .ids(Array(ids.shuffled(using: &random).prefix(3)))
            }
        return TrimRequest(log: pick(logs), which: which)
    }

    private mutating func commit(_ actor: StoreActor) throws -> StoreRequest {
        var actor = actor
        if chance(30) { actor.version += 1 }
        let projections = try tables.map { table in
            var projection = try submission(in: table)
            projection.recordVersion = actor.version + 1
            return projection
        }
        let change: RecordWrite.Change = chance(50) ? .content(try content("x")) : .none
        var commit = CommitRequest(writes: [actor.write(change)], projections: projections)
        if chance(40) {
            var append = append()
            append.limit = nil
            commit.entries = [append]
        }
        return .commit(commit)
    }

    private mutating func batch() throws -> ScoreBatch {
        if chance(20), let known = batches.randomElement(using: &random) { return known }
        // A few batches are long, and about one table, so that members meet often.
        let count = Int.random(in: 1...(chance(20) ? 40 : 6), using: &random)
        let only = chance(50) ? pick(tables) : nil
        let submissions = try (0..<count).map { _ in try submission(in: only ?? pick(tables)) }
        let batch = ScoreBatch(id: .random(), submissions: submissions)
        batches.append(batch)
        return batch
    }

    private mutating func submission(in table: SpaceName) throws -> ScoreSubmission {
        let numbers: [Int64] = [.min, -1, 0, 1, 2, 3, 5, .max]
        let rule = ScoreRule(
            order: pick(ScoreOrder.allCases), subscoreOrder: pick(ScoreOrder.allCases),
            scoreOperator: pick(ScoreOperator.allCases), subscoreOperator: pick([nil] + ScoreOperator.allCases))
        let action: ScoreSubmission.Action =
            switch Int.random(in: 0..<12, using: &random) {
            case 0: .remove
            case 1: .metadata
            default: .submit(score: pick(numbers), subscore: pick(numbers), rule: rule)
            }
        let needsMetadata = action == .metadata
        return ScoreSubmission(
            table: table, member: try Key(pick(["a", "b", "c", "d", "e", "\u{e9}"])), action: action,
            metadata: needsMetadata || chance(20) ? Array("\(Int.random(in: 0..<9, using: &random))".utf8) : nil,
            conditions: ScoreSubmission.Conditions(
                maximumSubmissions: chance(15) ? Int.random(in: 1...4, using: &random) : nil,
                maximumMembers: chance(20) ? Int.random(in: 1...5, using: &random) : nil, requiresMember: chance(10)),
            recordVersion: chance(15) ? Int64.random(in: 1...6, using: &random) : nil)
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func pick<Element>(_ list: [Element]) -> Element { list.randomElement(using: &random)! }

    // MARK: - Comparing

    private func version(of commit: CommitRequest) -> Int64? {
        actors.first { $0.id == commit.writes[0].id }?.version
    }

    private mutating func moveOn(_ request: StoreRequest) {
        guard case .commit(let commit) = request, case .content = commit.writes[0].change,
            let index = actors.firstIndex(where: { $0.id == commit.writes[0].id })
        else { return }
        actors[index].version += 1
    }

    /// Takes out what is random, and checks that a space keeps its generation.
    private mutating func plain(_ reply: StoreReply, of request: StoreRequest) throws -> SpaceModel.Reply {
        switch (reply, request) {
        case (.append(.full(let count)), _): return .full(count)
        case (.append(.appended(let generation, let sequences)), .append(let append)):
            return same(generation, append.log) ? .sequences(sequences) : .full(-1)
        case (.trim(let count), _): return .trimmed(count)
        case (.commit(let outcome), _): return .commit(hits: outcome == .committed)
        case (.submit(let outcome), .submit(let batch)):
            guard Set(outcome.generations.keys) == Set(batch.submissions.map(\.table)) else { throw Unexpected() }
            return .scores(outcome.outcomes.map { plain($0) }, outcome.changes)
        default: throw Unexpected()
        }
    }

    private func plain(_ outcome: ScoreOutcome) -> SpaceModel.Outcome {
        switch outcome {
        case .accepted(let row, let changed): .member(row.member, plain(row), changed: changed)
        case .removed: .removed
        case .refused(let refusal): .refused(refusal)
        }
    }

    private func plain(_ row: ScoreRow) -> SpaceModel.Member {
        SpaceModel.Member(
            isThere: !row.isRemoved, pair: ScorePair(score: row.score, subscore: row.subscore),
            submissions: row.submissions, metadata: row.metadata, change: row.change, reached: row.reached)
    }

    private mutating func same(_ generation: RandomID, _ log: SpaceName) -> Bool {
        defer { generations[log] = generation }
        return generations[log] ?? generation == generation
    }

    /// Compares all that can be read.
    private mutating func compareState(_ step: Int, _ store: any DurableStore) async throws {
        for log in logs {
            let page = try await store.entries(of: log, after: 0, limit: 1_000)
            let expected = model.logs[log]
            let isSame =
                page?.lastSequence == expected?.last && page?.entries.map(\.id) == expected?.entries.map(\.id)
                && page?.entries.map(\.sequence) == expected?.entries.map(\.sequence)
                && page?.entries.map(\.value) == expected?.entries.map(\.value)
            if !isSame { difference = "step \(step): log \(log) is \(page as Any), not \(expected as Any)" }
        }
        for table in tables {
            let page = try await store.scores(of: table, changedAfter: 0, limit: 1_000)
            let expected = model.tables[table]
            let rows = expected?.members.sorted { $0.value.change < $1.value.change } ?? []
            let isSame =
                page?.lastChange == expected?.last && page?.rows.map(\.member) ?? [] == rows.map(\.key)
                && page?.rows.map { plain($0) } ?? [] == rows.map(\.value)
            if !isSame { difference = "step \(step): table \(table) is \(page as Any), not \(rows)" }
            let members = try ["a", "b", "c", "d", "e", "\u{e9}"].map { try Key($0) }
            let found = try await store.scores(of: table, members: members)
            let there = members.map { member in page?.rows.first { $0.member == member && !$0.isRemoved } }
            if found != there { difference = "step \(step): members of \(table) are \(found), not \(there)" }
        }
        let prefix = Array(logs[0].bytes.dropLast())
        let summaries =
            try await store.logs(startingWith: prefix, after: nil, limit: 10).map { ($0.last, $0.count) }
            + store.scoreTables(startingWith: prefix, after: nil, limit: 10).map { ($0.last, $0.count) }
        let expected =
            model.logs.sorted { $0.key < $1.key }.map { ($0.value.last, $0.value.entries.count) }
            + model.tables.sorted { $0.key < $1.key }.map {
                ($0.value.last, $0.value.members.values.count { $0.isThere })
            }
        if !summaries.elementsEqual(expected, by: ==) {
            difference = "step \(step): the spaces are \(summaries), not \(expected)"
        }
    }
}
