import HoldfastStorage
import ModelTesting

/// One seeded history of records, played on two stores at once.
struct RecordHistory {
    private let pair: StorePair
    private var random: SeededGenerator
    private let ids: [RecordID]
    private let users: [String]
    private let trades: [RandomID]
    private let log: SpaceName
    private var owners: [Owner]

    init(_ pair: StorePair, seed: UInt64) throws {
        self.pair = pair
        random = SeededGenerator(seed: seed)
        ids = try (0..<4).map { try StoreActor("\(seed)-\($0)", in: $0 < 2 ? "players" : "worlds").id }
        users = ["ann", "b\u{e9}n", "c\u{0}d"].map { "\(seed) \($0)" }
        trades = (0..<4).map { _ in .random() }
        log = try SpaceName("\(seed)")
        owners = (0..<2).map { Owner(nonce: .random(), server: "server-\($0)", boot: .random()) }
    }

    /// Says where both differed first.
    mutating func play(steps: Int) async throws -> String? {
        for step in 0..<steps {
            try await interfere()
            let group = try await group()
            let (found, expected) = try await pair.execute(group)
            if found != expected { return "step \(step): \(group)\ngave \(found)\nnot \(expected)" }
            let (state, reference) = (try await describe(pair.subject), try await describe(pair.reference))
            if state != reference { return "step \(step): after \(group)\nstands \(state)\nnot \(reference)" }
        }
        return nil
    }

    private func describe(_ store: any DurableStore) async throws -> [String] {
        var lines: [String] = []
        for id in ids { lines += try await pair.describe(id, in: store).map { "\(id): \($0)" } }
        for user in users { lines.append("\(user) \(try await store.records(of: user))") }
        let page = try await store.page(of: log, limit: 1_000)
        lines.append("log \(page?.lastSequence ?? 0) \(page?.entries.map(\.id) ?? [])")
        return lines
    }

    /// What is done to records without a session.
    private mutating func interfere() async throws {
        let id = pick(ids)
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            for store in [pair.subject, pair.reference] as [any DurableStore] { _ = try await store.erase(id) }
        case 1:
            for store in [pair.subject, pair.reference] as [any DurableStore] {
                _ = try await store.keepCurrent(of: id, reason: "snapshot")
            }
        case 2:
            for store in [pair.subject, pair.reference] as [any DurableStore] {
                _ = try await store.pruneHistory(replacedBefore: .max / 2, limit: 1_000)
            }
        case 3: try await pair.bumpGeneration()
        case 4: if pair.hasClock { try await pair.pass(StoreTime.hour) }
        default: break
        }
    }

    // MARK: - Requests

    private mutating func group() async throws -> [StoreRequest] {
        var ids = ids.shuffled(using: &random)
        var trades = trades.shuffled(using: &random)
        var group: [StoreRequest] = []
        while group.count < 3, let id = ids.popLast() {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3: group.append(.seal(try await seal(id)))
            case 3..<5: group.append(.deliver(try delivery(name(), to: id)))
            case 5 where !trades.isEmpty: group.append(.decide(decision(trades.removeLast())))
            default:
                var commit = CommitRequest(writes: [try await write(id)])
                if chance(30), let other = ids.popLast() { commit.writes.append(try await write(other)) }
                if chance(25), let trade = trades.popLast() { commit.decision = decision(trade) }
                if chance(50) { commit.generation = chance(90) ? 0 : 3 }
                if chance(30) { commit.entries = [AppendRequest(log: log, entries: [entry(), entry()])] }
                if chance(20) { commit.deliveries = [try delivery(name(), to: id)] }
                if chance(30) { commit.settlements = try await settlements(id) }
                group.append(.commit(commit))
            }
        }
        return group
    }

    private mutating func seal(_ id: RecordID) async throws -> SealRequest {
        let row = try await pair.reference.read(id)
        let owner = pick(owners)
        let token = (row?.fence ?? 0) + Int64.random(in: 0...2, using: &random)
        let condition: SealRequest.Condition =
            chance(25) ? .stillMine(fence: row?.fence ?? 0, version: row?.version ?? 0) : .supersede
        return SealRequest(id: id, token: max(token, 1), owner: owner, condition: condition)
    }

    /// Mostly as the row stands.
    private mutating func write(_ id: RecordID) async throws -> RecordWrite {
        let row = try await pair.reference.read(id)
        var write = RecordWrite(
            id: id, fence: row?.fence ?? 1, nonce: row?.owner?.nonce ?? pick(owners).nonce,
            version: row?.version ?? 0, saveID: .random(), change: .none, releases: chance(10))
        if chance(8) { write.version += 1 }
        if chance(8) { write.fence += 1 }
        write.keeps = pick([pair.hasClock ? .hourly : .never, .always(reason: "rule"), .never])
        switch Int.random(in: 0..<10, using: &random) {
        case 0: break
        case 1: write.change = .tombstone
        default:
            let named = users.filter { _ in chance(40) }
            write.change = .content(try content("\(random.next())", userIDs: named + named.prefix(1)))
            for name in ["a", "b", "c"] where chance(30) {
                write.parts.append(try part(name, chance(30) ? nil : "\(random.next())"))
            }
        }
        return write
    }

    private mutating func settlements(_ id: RecordID) async throws -> [Settlement] {
        let operations = try await pair.reference.operations(of: id, after: 0, limit: 10)
        let states = OperationState.allCases
        return operations.filter { _ in chance(50) }.map { operation in
            Settlement(
                record: id, id: operation.id, state: pick(states), attempts: operation.attempts + 1,
                lastError: chance(50) ? "failed" : nil)
        }
    }

    private mutating func decision(_ trade: RandomID) -> Decision {
        Decision(trade: trade, verdict: pick(Decision.Verdict.allCases))
    }

    private mutating func name() -> String { pick(["one", "two", "three"]) }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func pick<Element>(_ list: [Element]) -> Element { list.randomElement(using: &random)! }
}
