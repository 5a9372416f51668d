import HoldfastProfiles
import HoldfastStorage
import ModelTesting
import Synchronization
import Testing

/// What one key's history did to its profile: numbered edits, and stamps of operations.
struct Chronicle: Codable, Sendable, Equatable {
    var edits: [Int] = []
    var stamps: [String] = []
    /// What an operation spoiled; never stored.
    var ratio = 1.0
}

/// Leaves a stamp; fails now and then for what it finds.
struct Stamp: ProfileOperation {
    static let name = "stamp"
    var id: String
    struct NotNow: Error {}

    func apply(to chronicle: inout Chronicle) throws {
        guard chronicle.edits.count % 4 != 3 else { throw NotNow() }
        chronicle.stamps.append(id)
    }
}

/// Leaves two stamps in two commits.
struct StampTwice: SteppedOperation {
    static let name = "stamp.twice"
    var id: String
    var step = 0

    mutating func step(_ chronicle: inout Chronicle) throws -> OperationStep {
        step += 1
        chronicle.stamps.append("\(id)/\(step)")
        return step == 1 ? .again(after: .milliseconds(1)) : .done
    }
}

/// Makes the document impossible to store.
struct SpoilChronicle: ProfileOperation {
    static let name = "stamp.spoil"
    var id: String

    func apply(to chronicle: inout Chronicle) {
        chronicle.stamps.append(id)
        chronicle.ratio = .nan
    }
}

/// Random histories of sessions on two servers, with operations that come, are cancelled or expire elsewhere, and with
/// answers of the store that are lost.
@Suite("Histories of sessions", .timeLimit(.minutes(10)))
struct SessionHistoryTests {
    @Test("what was acknowledged is stored or was reported, and receipts agree with effects", arguments: 1...4)
    func histories(_ seed: UInt64) async throws {
        let clock = StoreClock()
        let memory = InMemoryStore(deployment: "test") { clock.now }
        let random = Mutex(SeededGenerator(seed: seed))
        let isOver = Flag()
        let store = FailingStore(memory) { call in
            guard case .execute = call.kind, !isOver.value else { return .none }
            let (luck, pause) = random.withLock { ($0.number(in: 0...99), $0.number(in: 0...3)) }
            if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
            switch luck {
            case 0..<12: return .after()
            case 12..<20: return .before(StoreError(.outcomeUnknown, "not written, and nobody knows"))
            case 20..<25: return .before()
            default: return .none
            }
        }
        let fleet = try await Fleet(store: memory)
        let servers = [try await fleet.server("a", store: store), try await fleet.server("b", store: store)]
        let collections = try servers.map { try Self.chronicles($0) }
        let ticking = Task {
            while !isOver.value {
                clock.advance(seconds: 1)
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in 1...12 {
                group.addTask {
                    var history = SessionHistory(
                        key: Key(key), collections: collections,
                        random: SeededGenerator(seed: seed &* 1_000 + UInt64(key)))
                    try await history.run(steps: 40)
                }
            }
            try await group.waitForAll()
        }
        isOver.value = true
        _ = await ticking.result
        for server in servers { try await server.drain() }
    }

    private static func chronicles(_ server: Server) throws -> ProfileCollection<Chronicle> {
        var options = CollectionOptions<Chronicle> { _ in Chronicle() }
        let policy = OperationPolicy(maximumAttempts: 3, firstPause: .milliseconds(1), longestPause: .milliseconds(4))
        try options.handle(Stamp.self, policy: policy)
        try options.handle(StampTwice.self, policy: policy)
        try options.handle(SpoilChronicle.self, policy: policy)
        return try server.coordinator.collection("chronicles", of: Chronicle.self, options: options)
    }
}

/// One key's history, and what its callers may rely on.
struct SessionHistory {
    let key: Key
    let collections: [ProfileCollection<Chronicle>]
    var random: SeededGenerator

    private var session: Session<Chronicle>?
    private var lastEdit = 0
    /// Made, and neither acknowledged nor reported yet.
    private var open: Set<Int> = []
    private var acknowledged: Set<Int> = []
    /// Reported as not stored, so that it must never be.
    private var refused: Set<Int> = []
    private var operations: [String] = []

    init(key: Key, collections: [ProfileCollection<Chronicle>], random: SeededGenerator) {
        self.key = key
        self.collections = collections
        self.random = random
    }

    mutating func run(steps: Int) async throws {
        for _ in 0..<steps { try await step() }
        if session != nil { try await closeSession() }
        // Sessions whose close had failed end by themselves; nothing may move while the judge reads.
        while (try? await collections[0].withSession(for: key) { _ in true }) != true {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await judge()
    }

    private mutating func step() async throws {
        switch random.number(in: 0...99) {
        case 0..<25: try edit()
        case 25..<40: await save()
        case 40..<50: try await closeSession()
        case 50..<60: try await update()
        case 60..<80: try await deliver()
        case 80..<92: try await cancel()
        default: try await Task.sleep(for: .milliseconds(random.number(in: 1...6)))
        }
    }

    private mutating func edit() throws {
        guard let session, !session.isEnded else { return }
        lastEdit += 1
        let number = lastEdit
        do {
            try session.edit { $0.edits.append(number) }
            open.insert(number)
        } catch let error as ProfileError where [.ended, .busy].contains(error.code) {
            return
        }
    }

    private mutating func save() async {
        guard let session else { return }
        await settle(session) { () async throws(ProfileError) in _ = try await session.save() }
    }

    private mutating func closeSession() async throws {
        guard let session else { return try await openSession() }
        await settle(session) { () async throws(ProfileError) in try await session.close() }
        self.session = nil
        // What a failed close has left open goes on by itself.
        open = []
    }

    private mutating func openSession() async throws {
        session = try await random.one(of: collections).open(key)
    }

    /// Whatever was edited before a save that returns is stored; where it says that something was dropped, what the
    /// document still has is.
    private mutating func settle(
        _ session: Session<Chronicle>, _ save: () async throws(ProfileError) -> Void
    ) async {
        do {
            try await save()
            acknowledged.formUnion(open)
            open = []
        } catch {
            guard error.code == .dropped else { return }
            let kept = Set(session.document.edits)
            refused.formUnion(open.subtracting(kept))
            acknowledged.formUnion(open.intersection(kept))
            open = []
        }
    }

    private mutating func update() async throws {
        lastEdit += 1
        let number = lastEdit
        do {
            try await random.one(of: collections).update(key) { $0.edits.append(number) }
            acknowledged.insert(number)
        } catch let error as ProfileError {
            if [.dropped, .held, .unavailable].contains(error.code) { refused.insert(number) }
        }
    }

    private mutating func deliver() async throws {
        let id = "op\(operations.count)"
        operations.append(id)
        let collection = random.one(of: collections)
        let life: Duration? = random.happens(0.3) ? .seconds(random.number(in: 1...3)) : nil
        let kind = random.number(in: 0...9)
        // An answer may be lost: it is delivered again under the id that it has.
        while await !deliver(id, kind, life, through: collection) { try await Task.sleep(for: .milliseconds(1)) }
    }

    private func deliver(
        _ id: String, _ kind: Int, _ life: Duration?, through collection: ProfileCollection<Chronicle>
    ) async -> Bool {
        let outcome: DeliveryOutcome?
        switch kind {
        case 0: outcome = try? await collection.deliver(SpoilChronicle(id: id), to: key, id: id, timeToLive: life)
        case 1...4: outcome = try? await collection.deliver(StampTwice(id: id), to: key, id: id, timeToLive: life)
        default: outcome = try? await collection.deliver(Stamp(id: id), to: key, id: id, timeToLive: life)
        }
        return outcome != nil
    }

    private mutating func cancel() async throws {
        guard let id = operations.suffix(4).randomElement(using: &random) else { return }
        if random.happens(0.5) { try await Task.sleep(for: .milliseconds(random.number(in: 0...3))) }
        _ = try await random.one(of: collections).cancelOperation(id, of: key)
    }

    /// Compares the store with what callers were told.
    private func judge() async throws {
        let document = try await collections[0].read(key)?.document ?? Chronicle()
        let edits = Set(document.edits)
        #expect(edits.count == document.edits.count, "\(key): an edit is stored twice: \(document.edits)")
        #expect(acknowledged.isSubset(of: edits), "\(key): lost \(acknowledged.subtracting(edits).sorted())")
        #expect(refused.isDisjoint(with: edits), "\(key): stored \(refused.intersection(edits).sorted())")
        #expect(Set(document.stamps).count == document.stamps.count, "\(key): \(document.stamps)")
        for id in operations {
            let receipt = try #require(await collections[0].operation(id, of: key))
            let stamps = document.stamps.filter { $0 == id || $0.hasPrefix("\(id)/") }
            let steps = receipt.type == StampTwice.name
            switch receipt.state {
            case .applied: #expect(stamps == (steps ? ["\(id)/1", "\(id)/2"] : [id]), "\(key): \(receipt)")
            case .pending, .dead:
                #expect(stamps == (receipt.progress == nil ? [] : ["\(id)/1"]), "\(key): \(receipt)")
            case .cancelled, .expired: #expect(stamps.isEmpty, "\(key): \(receipt)")
            }
        }
    }
}
