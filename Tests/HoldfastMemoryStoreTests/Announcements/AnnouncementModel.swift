import HoldfastRedis
import HoldfastStorage
import Logging
import ModelTesting

@testable import HoldfastMemoryStore

/// Both logs of a channel with a few readers, beside lists of what was published and what became of it.
///
/// Time stands still but for `advance`, logs hold six entries, and hints reach the readers that the history names.
struct AnnouncementModel: ModelSubject {
    enum Operation: Sendable, CustomStringConvertible {
        case publish(AnnouncementFlavor, life: Int64, hinted: Set<Int>)
        /// The publisher dies between the store's commit and Redis.
        case commitOnly(life: Int64)
        /// Takes one step of a reader: a page of one log.
        case read(Int, AnnouncementFlavor)
        case subscribe(Int, late: Bool)
        /// Delivers the newest hint again.
        case repeatHint(Int)
        case advance(Int64)
        case flush
        /// Redis forgets what came since it last took note, and another Redis takes its place.
        case note
        case goBack

        var description: String {
            switch self {
            case .publish(let flavor, let life, let hinted):
                "publish \(flavor), \(life) ms, hints to \(hinted.sorted())"
            case .commitOnly(let life): "commit without Redis, \(life) ms"
            case .read(let reader, let flavor): "reader \(reader) reads \(flavor)"
            case .subscribe(let reader, let late): "reader \(reader) begins \(late ? "with what is valid" : "now")"
            case .repeatHint(let reader): "the newest hint again to reader \(reader)"
            case .advance(let millis): "advance \(millis) ms"
            case .flush: "flush"
            case .note: "Redis takes note"
            case .goBack: "Redis goes back"
            }
        }
    }

    static let readers = 3
    static let capacity = 6

    /// One announcement and what became of it.
    struct Published {
        let id: RandomID
        let sequence: Int64
        let expires: Int64
        /// When it was lost or gave way while it was valid, counted in steps.
        var gone: Int?
        let step: Int
    }

    struct Reader {
        var durable: AnnouncementFollower
        var fast: AnnouncementFollower
        /// The step of its beginning, and what it is to hear of what was there before.
        var began: Int
        var owed: Set<RandomID>
        var heard: [RandomID] = []
        /// Lost while this reader had read no fast announcement, so that it takes the log for one that never had any.
        var unknown: Set<RandomID> = []
        /// Gaps with the steps in which they were told.
        var gaps: [(flavor: AnnouncementFlavor, from: Int64, to: Int64?, step: Int)] = []

        subscript(flavor: AnnouncementFlavor) -> AnnouncementFollower {
            get { flavor == .durable ? durable : fast }
            set { if flavor == .durable { durable = newValue } else { fast = newValue } }
        }
    }

    /// Runs the committer of a history as long as somebody holds this.
    final class Committing: Sendable {
        private let task: Task<Void, Never>
        init(_ committer: GroupCommitter) { task = Task { await committer.run() } }
        deinit { task.cancel() }
    }

    private let logs: AnnouncementLogs
    /// Does to the keys what no user of the library may.
    private let administrator: RedisClient
    private let durable: MemoryStore.Durable
    private let committing: Committing
    private let clock: TestClock
    private var step = 0
    private var published: [AnnouncementFlavor: [Published]] = [.durable: [], .fast: []]
    private var readers: [Reader?] = Array(repeating: nil, count: readers)
    private var newestHint: AnnouncementHint?
    /// The fast entries that Redis holds, and held when it took note; nil before.
    private var inRedis: [RandomID] = []
    private var noted: [RandomID]?
    /// The step in which Redis went back last.
    private var wentBack = 0

    init(_ memory: MemoryStore, administrator: RedisClient) async throws {
        self.administrator = administrator
        let clock = TestClock()
        let store = InMemoryStore(deployment: "model") { clock.now }
        _ = try await store.migrate(DeploymentTimings())
        let committer = GroupCommitter(store: store, logger: memory.context.logger)
        durable = MemoryStore.Durable(store: store, committer: committer, timeout: .seconds(30))
        var context = MemoryStore.Context(
            redis: memory.context.redis, keys: memory.context.keys, durable: durable, logger: memory.context.logger,
            timeout: .seconds(30))
        context.rewrite = { clock.rewrite($0, $1) }
        logs = try AnnouncementLogs(
            context, channel: RandomID.random().description, capacity: Self.capacity, gateMillis: 1)
        committing = Committing(committer)
        self.clock = clock
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let reader = generator.number(in: 0...readers - 1)
        let flavor: AnnouncementFlavor = generator.happens(0.5) ? .durable : .fast
        let life = generator.one(of: [2, 20, 1_000_000, 1_000_000, 1_000_000] as [Int64])
        switch generator.number(in: 0...29) {
        case 0..<11:
            let hinted = Set((0..<readers).filter { _ in generator.happens(0.4) })
            return .publish(flavor, life: life, hinted: hinted)
        case 11: return .commitOnly(life: life)
        case 12..<21: return .read(reader, flavor)
        case 21, 22: return .subscribe(reader, late: generator.happens(0.5))
        case 23: return .repeatHint(reader)
        case 24, 25: return .advance(generator.one(of: [1, 5, 30]))
        case 26: return .flush
        case 27, 28: return generator.happens(0.6) ? .note : .goBack
        default: return .goBack
        }
    }

    mutating func apply(_ operation: Operation) async throws {
        step += 1
        switch operation {
        case .publish(let flavor, let life, let hinted): try await publish(flavor, life, hinted)
        case .commitOnly(let life): try await commit(life)
        case .read(let index, let flavor): _ = try await read(index, flavor)
        case .subscribe(let index, let late): try await subscribe(index, late: late)
        case .repeatHint(let index):
            if let newestHint { try give(newestHint, to: index) }
        case .advance(let millis): clock.advance(millis)
        case .flush:
            for key in try await keys(kept: false) { _ = try await command("DEL", key) }
            loseFast(inRedis)
            inRedis = []
        case .note:
            for key in try await keys(kept: true) { _ = try await command("DEL", key) }
            for key in try await keys(kept: false) { _ = try await command("COPY", key, key + ":kept") }
            noted = inRedis
        case .goBack: try await goBack()
        }
    }

    /// Everybody reads to the end, and then must have heard what there was, or of its loss.
    mutating func finish() async throws {
        step += 1
        for index in readers.indices where readers[index] != nil {
            for flavor in AnnouncementFlavor.allCases {
                var rounds = 0
                while try await read(index, flavor) {
                    rounds += 1
                    guard rounds < 50 else { throw Disagreement("reader \(index) never comes to the end of \(flavor)") }
                }
                try judge(index, flavor)
            }
        }
    }

    // MARK: Steps

    private mutating func publish(_ flavor: AnnouncementFlavor, _ life: Int64, _ hinted: Set<Int>) async throws {
        let before = try await logs.read(flavor, after: nil, count: 1).log?.end
        let id = RandomID.random()
        switch flavor {
        case .durable:
            let sequence = try await append(id, life)
            _ = try await logs.copy(from: before, within: .seconds(5))
            note(Published(id: id, sequence: sequence, expires: clock.now + life, step: step), .durable)
        case .fast:
            let sequence = try await logs.publish(
                Array("1".utf8), id: id, lifeMillis: life, repeats: false, within: .seconds(5))
            let again = try await logs.publish(
                Array("1".utf8), id: id, lifeMillis: life, repeats: true, within: .seconds(5))
            try agree(again, sequence, "the number of a repeated request")
            note(Published(id: id, sequence: sequence, expires: clock.now + life, step: step), .fast)
            inRedis.append(id)
            trimFast()
        }
        guard let before else { return }
        let entry = AnnouncementEntry(
            sequence: published[flavor]!.last!.sequence, id: id, publishedAtMillis: clock.now,
            expiresAtMillis: clock.now + life, value: [0x31])
        // A copy that was behind brings more than this entry, so its hint is another.
        guard before.sequence + 1 == entry.sequence else { return }
        let hint = AnnouncementHint(flavor: flavor, after: before, entries: [entry])
        newestHint = hint
        for index in hinted { try give(hint, to: index) }
    }

    private mutating func commit(_ life: Int64) async throws {
        let id = RandomID.random()
        let sequence = try await append(id, life)
        note(Published(id: id, sequence: sequence, expires: clock.now + life, step: step), .durable)
    }

    private func append(_ id: RandomID, _ life: Int64) async throws -> Int64 {
        let entry = AppendRequest.Entry(id: id, value: Array("1".utf8), timeToLiveMillis: life)
        return try await AnnouncementAppend(
            log: logs.storeLog, entry: entry, durable: durable, capacity: Self.capacity
        ).run()
    }

    private mutating func note(_ new: Published, _ flavor: AnnouncementFlavor) {
        published[flavor]!.append(new)
        guard flavor == .durable else { return }
        for index in published[.durable]!.indices
        where published[.durable]![index].sequence <= new.sequence - Int64(Self.capacity) {
            markGone(.durable, index)
        }
    }

    /// Reads one page; false at the end.
    private mutating func read(_ index: Int, _ flavor: AnnouncementFlavor) async throws -> Bool {
        guard var reader = readers[index] else { return false }
        _ = try await command("DEL", String(decoding: logs.keys["\(flavor):gate"], as: UTF8.self))
        let asked = reader[flavor].position
        let reply = try await logs.read(flavor, after: asked, count: 2)
        let (occurrences, next) = reader[flavor].take(reply, from: asked)
        try hear(occurrences, &reader, flavor)
        var goesOn = next == .readAgain
        if next == .compare {
            let end = try await logs.copy(from: reply.log?.end, within: .seconds(5))
            try hear(reader.durable.compared(with: end), &reader, .durable)
            goesOn = end != nil && end?.last != reader.durable.position?.sequence
        }
        readers[index] = reader
        return goesOn
    }

    private mutating func give(_ hint: AnnouncementHint, to index: Int) throws {
        guard var reader = readers[index] else { return }
        try hear(reader[hint.flavor].take(hint) ?? [], &reader, hint.flavor)
        readers[index] = reader
    }

    private func hear(
        _ occurrences: [AnnouncementOccurrence], _ reader: inout Reader, _ flavor: AnnouncementFlavor
    ) throws {
        for occurrence in occurrences {
            switch occurrence.kind {
            case .entry(let entry):
                guard let known = published[flavor]!.first(where: { $0.id == entry.id }) else {
                    throw Disagreement("\(flavor) \(entry.sequence) was never published")
                }
                try agree(entry.sequence, known.sequence, "the number of an announcement")
                try agree(entry.expiresAtMillis, known.expires, "the end of an announcement")
                guard !reader.heard.contains(entry.id) else {
                    throw Disagreement("\(flavor) \(entry.sequence) is heard twice")
                }
                // A Redis that went back may hold what it had forgotten.
                let isBack = flavor == .fast && wentBack >= reader.began
                guard known.step >= reader.began || reader.owed.contains(entry.id) || isBack else {
                    throw Disagreement("\(flavor) \(entry.sequence) is older than the subscription")
                }
                if flavor == .durable, let last = reader.heard.last(where: { id in durableSequence(id) != nil }) {
                    guard durableSequence(last)! < entry.sequence else {
                        throw Disagreement("durable \(entry.sequence) comes after \(durableSequence(last)!)")
                    }
                }
                reader.heard.append(entry.id)
            case .gap(let from, let to):
                if flavor == .durable {
                    let last = published[.durable]!.last?.sequence ?? 0
                    guard let to, to <= last - Int64(Self.capacity) else {
                        throw Disagreement("durable \(from) to \(to.map(String.init) ?? "?") are no gap")
                    }
                }
                reader.gaps.append((flavor, from, to, step))
            }
        }
    }

    private func durableSequence(_ id: RandomID) -> Int64? {
        published[.durable]!.first { $0.id == id }?.sequence
    }

    private mutating func subscribe(_ index: Int, late: Bool) async throws {
        let now = clock.now
        // As a subscription does: the copy agrees with the store first.
        let end = try await logs.read(.durable, after: nil, count: 1).log?.end
        _ = try await logs.copy(from: end, within: .seconds(5))
        let (old, new) = (
            try await logs.read(.durable, after: nil, count: 1).log,
            try await logs.read(.fast, after: nil, count: 1).log
        )
        let isValid = { (entry: Published) in entry.gone == nil && entry.expires > now }
        func start(_ log: AnnouncementReply.Log?) -> AnnouncementPosition? {
            guard let log else { return nil }
            guard late else { return log.end }
            var start = log.end
            (start.sequence, start.entry) = (log.dropped, nil)
            return start
        }
        let there = published.values.flatMap { $0 }.filter(isValid).map(\.id)
        readers[index] = Reader(
            durable: AnnouncementFollower(.durable, at: start(old), hasStore: true),
            fast: AnnouncementFollower(.fast, at: start(new), hasStore: false), began: step,
            owed: late ? Set(there) : [])
    }

    private mutating func goBack() async throws {
        guard let noted else { return }
        for key in try await keys(kept: false) { _ = try await command("DEL", key) }
        for key in try await keys(kept: true) {
            _ = try await command("COPY", key, String(key.dropLast(":kept".count)))
        }
        let state = String(decoding: logs.keys["fast:state"], as: UTF8.self)
        if try await command("EXISTS", state) == .integer(1) {
            _ = try await command("HSET", state, "run", "another \(step)")
        }
        loseFast(inRedis.filter { !noted.contains($0) })
        // What gave way since then is there again.
        for index in published[.fast]!.indices where noted.contains(published[.fast]![index].id) {
            published[.fast]![index].gone = nil
        }
        inRedis = noted
        wentBack = step
    }

    // MARK: The reference

    private mutating func trimFast() {
        while inRedis.count > Self.capacity {
            lose([inRedis.removeFirst()])
        }
    }

    private mutating func loseFast(_ ids: [RandomID]) {
        for index in readers.indices where readers[index]?.fast.position?.sequence ?? 0 == 0 {
            readers[index]?.unknown.formUnion(published[.fast]!.map(\.id))
        }
        lose(ids)
    }

    private mutating func lose(_ ids: [RandomID]) {
        for index in published[.fast]!.indices where ids.contains(published[.fast]![index].id) {
            markGone(.fast, index)
        }
    }

    private mutating func markGone(_ flavor: AnnouncementFlavor, _ index: Int) {
        if published[flavor]![index].gone == nil, published[flavor]![index].expires > clock.now {
            published[flavor]![index].gone = step
        }
    }

    /// Whatever a reader was to hear it has heard, or it expired, or a gap tells of it.
    private func judge(_ index: Int, _ flavor: AnnouncementFlavor) throws {
        guard let reader = readers[index] else { return }
        for entry in published[flavor]! where entry.step >= reader.began || reader.owed.contains(entry.id) {
            guard !reader.heard.contains(entry.id), !reader.unknown.contains(entry.id), entry.expires > clock.now
            else { continue }
            let isTold = reader.gaps.contains { gap in
                guard gap.flavor == flavor else { return false }
                if let gone = entry.gone, gap.step < gone { return false }
                if let to = gap.to { return gap.from...to ~= entry.sequence }
                // Behind a loss numbers begin anew, and what came since may count as read before.
                return flavor == .fast && gap.step >= entry.step
            }
            guard isTold else {
                throw Disagreement(
                    "reader \(index) has not heard \(flavor) \(entry.sequence)"
                        + "\(entry.gone.map { ", lost in step \($0)" } ?? ""); gaps \(reader.gaps)")
            }
        }
    }

    // MARK: Redis

    private func command(_ words: String...) async throws -> RedisValue {
        try await administrator.command(words.map { .string($0) })
    }

    /// The keys of both logs that are there.
    private func keys(kept: Bool) async throws -> [String] {
        var found: [String] = []
        for part in ["durable:state", "durable:log", "fast:state", "fast:log"] {
            let key = String(decoding: logs.keys[part], as: UTF8.self) + (kept ? ":kept" : "")
            if try await command("EXISTS", key) == .integer(1) { found.append(key) }
        }
        return found
    }
}
