import HoldfastStorage

/// Turns a group of requests into the statements of one transaction, and their results into replies.
struct GroupTransaction {
    /// A payload array of more bytes than this becomes two statements: a parameter may have at most 1 GiB.
    private static let chunkBytes = 16 << 20

    enum Step {
        case ignored
        case decided
        case saves([CommitMember])
        case commits([CommitMember])
        case sealed
        case pending
        case delivered
        case existing
    }

    struct CommitMember {
        var index: Int
        var request: CommitRequest
    }

    let count: Int
    private(set) var seals: [(index: Int, request: SealRequest)] = []
    private(set) var deliveries: [(index: Int, delivery: Delivery)] = []
    private(set) var decisions: [(index: Int, decision: Decision)] = []
    private(set) var steps: [Step] = []
    private(set) var spaces: SpaceTransaction
    private(set) var statements: [Statement] = []
    private let deployment: Int64
    /// Whether there are history, parts, decisions and a generation.
    private let hasHistory: Bool

    /// - Parameters:
    ///   - group: Checked already; no two members name the same record or trade.
    ///   - deployment: The deployment's number.
    ///   - layout: The store's layout, new enough for the group.
    ///   - keepsHistory: Whether history takes what saves replace; else those that have something to keep are left out.
    init(_ group: [StoreRequest], deployment: Int64, layout: Int, keepsHistory: Bool = false) {
        self.deployment = deployment
        self.hasHistory = layout >= LayoutNeed.history.schema
        self.count = group.count
        self.spaces = SpaceTransaction(deployment: deployment)
        var saves: [CommitMember] = []
        var commits: [CommitMember] = []
        var records = Set<RecordID>()
        for (index, request) in group.enumerated() {
            records.formUnion(request.records)
            switch request {
            case .seal(let seal): seals.append((index, seal))
            case .deliver(let delivery): deliveries.append((index, delivery))
            case .append(let append): spaces.add(append, request: index)
            case .trim(let trim): spaces.add(trim, request: index)
            case .submit(let batch): spaces.add(batch, request: index)
            case .decide(let decision): decisions.append((index, decision))
            case .commit(let commit):
                spaces.add(commit, request: index)
                records.formUnion(commit.deliveries.map(\.record))
                if commit.isPlainSave, !keepsHistory {
                    saves.append(CommitMember(index: index, request: commit))
                } else {
                    commits.append(CommitMember(index: index, request: commit))
                }
            }
        }
        let trades = group.compactMap(\.trade)
        if !trades.isEmpty { addLocks(of: trades) }
        if !decisions.isEmpty { addDecisions() }
        // The first statement locks all records; where a later one locks again, the rows are ours already.
        var toLock: [RecordID]? = records.sorted()
        func locks(for members: [CommitMember]) -> [RecordID] {
            defer { toLock = nil }
            return toLock ?? members.flatMap { $0.request.writes.map(\.id) }.sorted()
        }
        for chunk in Self.chunks(saves) { addSaves(chunk, locking: locks(for: chunk)) }
        for chunk in Self.chunks(commits) { addCommits(chunk, locking: locks(for: chunk)) }
        if let toLock, !toLock.isEmpty { add(.ignored, SQL.lock, listed(toLock)) }
        if hasHistory { addParts((saves + commits).flatMap(\.request.writes)) }
        if !seals.isEmpty { addSeals() }
        if !deliveries.isEmpty { addDeliveries() }
        // Records come before counters, and counters before scores, in every group.
        statements += spaces.statements()
    }

    private static func chunks(_ members: [CommitMember]) -> [[CommitMember]] {
        chunks(members) { StoreRequest.commit($0.request).payloadBytes }
    }

    private static func chunks<Item>(_ items: [Item], _ bytes: (Item) -> Int) -> [[Item]] {
        var chunks: [[Item]] = []
        var sum = 0
        for item in items {
            let more = bytes(item)
            if chunks.isEmpty || sum + more > chunkBytes {
                chunks.append([])
                sum = 0
            }
            chunks[chunks.count - 1].append(item)
            sum += more
        }
        return chunks
    }

    // MARK: - Statements

    private mutating func add(_ step: Step, _ sql: String, _ parameters: Parameters) {
        steps.append(step)
        statements.append(Statement(sql, parameters))
    }

    /// Deployment, collections, keys.
    private func listed(_ records: [RecordID]) -> Parameters {
        var parameters = Parameters()
        parameters.add(deployment)
        parameters.add(records)
        return parameters
    }

    private mutating func addLocks(of trades: [RandomID]) {
        var parameters = Parameters()
        parameters.add(integers: trades.map { Int64(bitPattern: $0.low) }.sorted())
        add(.ignored, SQL.lockTrades, parameters)
    }

    private mutating func addDecisions() {
        var parameters = Parameters()
        parameters.add(deployment)
        parameters.add(blobs: decisions.map(\.decision.trade.bytes))
        parameters.add(texts: decisions.map(\.decision.verdict.rawValue))
        add(.decided, SQL.decide, parameters)
    }

    private mutating func addSaves(_ members: [CommitMember], locking records: [RecordID]) {
        let writes = members.flatMap(\.request.writes)
        var parameters = listed(records)
        parameters.add(integers: writes.indices.map { Int64($0) })
        parameters.add(writes.map(\.id))
        parameters.addFence(writes)
        parameters.add(blobs: writes.map(\.saveID.bytes))
        parameters.add(integers: writes.map { $0.releases ? 1 : 0 })
        parameters.addContent(writes)
        if hasHistory { parameters.add(integers: members.map(\.request.generation)) }
        add(.saves(members), hasHistory ? SQL.saves : SQL.savesOfLayout1, parameters)
    }

    private mutating func addCommits(_ members: [CommitMember], locking records: [RecordID]) {
        func listed<Part>(_ parts: (CommitRequest) -> [Part]) -> [(member: Int64, part: Part)] {
            members.flatMap { member in parts(member.request).map { (Int64(member.index), $0) } }
        }
        var parameters = self.listed(records)
        let writes = listed(\.writes)
        parameters.add(integers: writes.indices.map { Int64($0) })
        parameters.add(integers: writes.map(\.member))
        parameters.add(writes.map(\.part.id))
        parameters.addFence(writes.map(\.part))
        parameters.add(blobs: writes.map(\.part.saveID.bytes))
        parameters.add(integers: writes.map(\.part.change.number))
        parameters.add(integers: writes.map { $0.part.releases ? 1 : 0 })
        parameters.addContent(writes.map(\.part))

        let settlements = listed(\.settlements)
        parameters.add(integers: settlements.indices.map { Int64($0) })
        parameters.add(integers: settlements.map(\.member))
        parameters.add(settlements.map(\.part.record))
        parameters.add(blobs: settlements.map { Array($0.part.id.description.utf8) })
        parameters.add(texts: settlements.map(\.part.state.rawValue))
        parameters.add(integers: settlements.map { Int64($0.part.attempts) })
        parameters.add(texts: settlements.map(\.part.storedError))

        let deliveries = listed(\.deliveries)
        parameters.add(integers: deliveries.indices.map { Int64($0) })
        parameters.add(integers: deliveries.map(\.member))
        parameters.add(deliveries.map(\.part))
        guard hasHistory else { return add(.commits(members), SQL.commitsOfLayout1, parameters) }

        parameters.add(integers: writes.map(\.part.keeps.number))
        parameters.add(texts: writes.map(\.part.keeps.reason))
        let generations = listed { $0.generation.map { [$0] } ?? [] }
        parameters.add(integers: generations.map(\.member))
        parameters.add(integers: generations.map(\.part))
        parameters.add(integers: settlements.map(\.part.retryAfterMillis))
        parameters.add(blobs: settlements.map(\.part.progress))
        parameters.addTimes(deliveries.map(\.part))
        let decisions = listed { $0.decision.map { [$0] } ?? [] }
        guard !decisions.isEmpty else { return add(.commits(members), SQL.commits, parameters) }
        parameters.add(integers: decisions.map(\.member))
        parameters.add(blobs: decisions.map(\.part.trade.bytes))
        parameters.add(texts: decisions.map(\.part.verdict.rawValue))
        add(.commits(members), SQL.decidingCommits, parameters)
    }

    private mutating func addParts(_ writes: [RecordWrite]) {
        let changed = writes.filter { !$0.parts.isEmpty }
        let chunks = Self.chunks(changed) { $0.parts.reduce(0) { $0 + ($1.payload?.bytes.count ?? 0) } }
        for chunk in chunks { addPutParts(chunk) }
        for chunk in chunks { addRemovedParts(chunk) }
    }

    private mutating func addPutParts(_ writes: [RecordWrite]) {
        let parts = writes.enumerated().flatMap { place, write in
            write.parts.compactMap { part in part.payload.map { (place: Int64(place), name: part.name, payload: $0) } }
        }
        guard !parts.isEmpty else { return }
        var parameters = placed(writes)
        parameters.add(integers: parts.map(\.place))
        parameters.add(blobs: parts.map(\.name.bytes))
        parameters.add(blobs: parts.map(\.payload.bytes))
        parameters.add(integers: parts.map { Int64(bitPattern: $0.payload.checksum) })
        add(.ignored, SQL.putParts, parameters)
    }

    private mutating func addRemovedParts(_ writes: [RecordWrite]) {
        let parts = writes.enumerated().flatMap { place, write in
            write.parts.filter { $0.payload == nil }.map { (place: Int64(place), name: $0.name) }
        }
        guard !parts.isEmpty else { return }
        var parameters = placed(writes)
        parameters.add(integers: parts.map(\.place))
        parameters.add(blobs: parts.map(\.name.bytes))
        add(.ignored, SQL.removeParts, parameters)
    }

    /// Deployment; places, collections, keys.
    private func placed(_ writes: [RecordWrite]) -> Parameters {
        var parameters = Parameters()
        parameters.add(deployment)
        parameters.add(integers: writes.indices.map { Int64($0) })
        parameters.add(writes.map(\.id))
        return parameters
    }

    private mutating func addSeals() {
        let requests = seals.map(\.request)
        let positions = requests.indices.map { Int64($0) }
        let superseding = requests.filter { $0.condition == .supersede }.map(\.id)
        if !superseding.isEmpty { add(.ignored, SQL.insertMissing, listed(superseding)) }

        var taking = listed(requests.map(\.id))
        taking.add(integers: requests.map(\.token))
        taking.add(blobs: requests.map(\.owner.nonce.bytes))
        taking.add(texts: requests.map(\.owner.server))
        taking.add(blobs: requests.map(\.owner.boot.bytes))
        taking.add(integers: requests.map(\.condition.fence))
        taking.add(integers: requests.map(\.condition.version))
        add(.ignored, SQL.seal, taking)

        var reading = Parameters()
        reading.add(deployment)
        reading.add(integers: positions)
        reading.add(requests.map(\.id))
        reading.add(integers: requests.map(\.token))
        reading.add(blobs: requests.map(\.owner.nonce.bytes))
        reading.add(integers: requests.map(\.hot?.version))
        reading.add(blobs: requests.map(\.hot?.saveID.bytes))
        reading.add(integers: requests.map { $0.hot.map { Int64(bitPattern: $0.checksum) } })
        add(.sealed, SQL.sealed, reading)
        add(
            .pending, hasHistory ? SQL.pendingOperations : SQL.pendingOperationsOfLayout1,
            .pendingOperations(of: requests.map(\.id), deployment: deployment))
    }

    private mutating func addDeliveries() {
        var parameters = Parameters()
        parameters.add(deployment)
        parameters.add(integers: deliveries.indices.map { Int64($0) })
        parameters.add(deliveries.map(\.delivery))
        var inserting = parameters
        inserting.add(Int64(DurableStoreLimits.pending))
        if hasHistory {
            inserting.addTimes(deliveries.map(\.delivery))
            add(.ignored, SQL.expireOperations, listed(deliveries.map(\.delivery.record)))
        }
        add(.delivered, hasHistory ? SQL.deliver : SQL.deliverOfLayout1, inserting)
        add(.existing, SQL.delivered, parameters)
    }
}
