import HoldfastStorage

/// Turns a group of requests into the statements of one transaction, and their results into replies.
struct GroupTransaction {
    /// A payload array of more bytes than this becomes two statements: a parameter may have at most 1 GiB.
    private static let chunkBytes = 16 << 20

    private enum Step {
        case ignored
        case saves([CommitMember])
        case commits([CommitMember])
        case sealed
        case pending
        case delivered
        case existing
    }

    private struct CommitMember {
        var index: Int
        var request: CommitRequest
    }

    private let deployment: Int64
    private let count: Int
    private var seals: [(index: Int, request: SealRequest)] = []
    private var deliveries: [(index: Int, delivery: Delivery)] = []
    private var steps: [Step] = []
    private var spaces: SpaceTransaction
    private(set) var statements: [Statement] = []

    /// - Parameters:
    ///   - group: Checked already; no two members name the same record.
    ///   - deployment: The deployment's number.
    init(_ group: [StoreRequest], deployment: Int64) {
        self.deployment = deployment
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
            // Needs a layout that no database of this backend has.
            case .decide: break
            case .commit(let commit):
                spaces.add(commit, request: index)
                records.formUnion(commit.deliveries.map(\.record))
                if commit.isPlainSave {
                    saves.append(CommitMember(index: index, request: commit))
                } else {
                    commits.append(CommitMember(index: index, request: commit))
                }
            }
        }
        // The first statement locks everything; where a later one locks again, the rows are ours already.
        var toLock: [RecordID]? = records.sorted()
        func locks(for members: [CommitMember]) -> [RecordID] {
            defer { toLock = nil }
            return toLock ?? members.flatMap { $0.request.writes.map(\.id) }.sorted()
        }
        for chunk in Self.chunks(saves) { addSaves(chunk, locking: locks(for: chunk)) }
        for chunk in Self.chunks(commits) { addCommits(chunk, locking: locks(for: chunk)) }
        if let toLock, !toLock.isEmpty { add(.ignored, SQL.lock, listed(toLock)) }
        if !seals.isEmpty { addSeals() }
        if !deliveries.isEmpty { addDeliveries() }
        // Records come before counters, and counters before scores, in every group.
        statements += spaces.statements()
    }

    private static func chunks(_ members: [CommitMember]) -> [[CommitMember]] {
        var chunks: [[CommitMember]] = []
        var bytes = 0
        for member in members {
            let more = StoreRequest.commit(member.request).payloadBytes
            if chunks.isEmpty || bytes + more > chunkBytes {
                chunks.append([])
                bytes = 0
            }
            chunks[chunks.count - 1].append(member)
            bytes += more
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

    private mutating func addSaves(_ members: [CommitMember], locking records: [RecordID]) {
        let writes = members.flatMap(\.request.writes)
        var parameters = listed(records)
        parameters.add(integers: writes.indices.map { Int64($0) })
        parameters.add(writes.map(\.id))
        parameters.addFence(writes)
        parameters.add(blobs: writes.map(\.saveID.bytes))
        parameters.add(integers: writes.map { $0.releases ? 1 : 0 })
        parameters.addContent(writes)
        add(.saves(members), SQL.saves, parameters)
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
        add(.commits(members), SQL.commits, parameters)
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
        add(.pending, SQL.pendingOperations, .pendingOperations(of: requests.map(\.id), deployment: deployment))
    }

    private mutating func addDeliveries() {
        var parameters = Parameters()
        parameters.add(deployment)
        parameters.add(integers: deliveries.indices.map { Int64($0) })
        parameters.add(deliveries.map(\.delivery))
        var inserting = parameters
        inserting.add(Int64(DurableStoreLimits.pending))
        add(.delivered, SQL.deliver, inserting)
        add(.existing, SQL.delivered, parameters)
    }

    // MARK: - Replies

    /// Reads the results of ``statements``, in their order.
    func replies(_ results: [QueryResult]) throws(StoreError) -> [StoreReply] {
        guard results.count == statements.count else {
            throw StoreError(.internalError, "\(results.count) results for \(statements.count) statements")
        }
        var replies = [StoreReply?](repeating: nil, count: count)
        var sealed: QueryResult?
        var inserted: QueryResult?
        for (step, result) in zip(steps, results) {
            switch step {
            case .ignored: break
            case .saves(let members): try readSaves(members, result, &replies)
            case .commits(let members): try readCommits(members, result, &replies)
            case .sealed: sealed = result
            case .pending: try readSeals(sealed, pending: result, &replies)
            case .delivered: inserted = result
            case .existing: try readDeliveries(inserted, existing: result, &replies)
            }
        }
        for (index, reply) in try spaces.replies(results.dropFirst(steps.count)) { replies[index] = reply }
        var complete: [StoreReply] = []
        for reply in replies {
            guard let reply else { throw StoreError(.internalError, "a member of a group has no reply") }
            complete.append(reply)
        }
        return complete
    }

    private func readSaves(
        _ members: [CommitMember], _ result: QueryResult, _ replies: inout [StoreReply?]
    ) throws(StoreError) {
        for member in members { replies[member.index] = .commit(.committed) }
        for row in result.rows {
            let member = members[Int(try row.integer(0))]
            replies[member.index] = .commit(.refused(rows: [try row.state(at: 1)], settled: []))
        }
    }

    private func readCommits(
        _ members: [CommitMember], _ result: QueryResult, _ replies: inout [StoreReply?]
    ) throws(StoreError) {
        let writes = members.flatMap { member in member.request.writes.map { (member, $0) } }
        let settlements = members.flatMap { member in member.request.settlements.map { (member, $0) } }
        var rows: [Int: RowState] = [:]
        var refused = Set<Int>()
        var settled: [Int: [OperationID]] = [:]
        var written: Int64 = 0
        for row in result.rows {
            let position = Int(try row.integer(1))
            switch try row.integer(0) {
            case 0:
                refused.insert(writes[position].0.index)
                rows[position] = try row.state(at: 2)
            case 1: settled[settlements[position].0.index, default: []].append(settlements[position].1.id)
            default: written = Int64(position)
            }
        }
        // What is acknowledged was counted by the server, not assumed.
        let accepted = writes.count { !refused.contains($0.0.index) }
        guard written == accepted else {
            throw StoreError(.internalError, "\(written) rows were written where \(accepted) matched")
        }
        var position = 0
        for member in members {
            let positions = position..<position + member.request.writes.count
            position = positions.upperBound
            replies[member.index] =
                refused.contains(member.index)
                ? .commit(.refused(rows: positions.map { rows[$0] }, settled: settled[member.index] ?? []))
                : .commit(.committed)
        }
    }

    private func readSeals(
        _ sealed: QueryResult?, pending: QueryResult, _ replies: inout [StoreReply?]
    ) throws(StoreError) {
        var operations: [Int: [OperationRecord]] = [:]
        for row in pending.rows {
            operations[Int(try row.integer(0)), default: []].append(try row.operation(at: 1))
        }
        for seal in seals { replies[seal.index] = .seal(.stale(.missing)) }
        guard let sealed else { return }
        for row in sealed.rows {
            let position = Int(try row.integer(0))
            let index = seals[position].index
            guard let state = try row.state(at: 3) else { continue }
            guard row.flag(1) else {
                replies[index] = .seal(.stale(state))
                continue
            }
            let document: SealedDocument
            if row.flag(2) {
                document = .hotCopyMatches(
                    schema: Int(try row.integer(9)), userIDs: try row.userIDs(13), metadata: row.optionalBytes(14))
            } else if let content = try row.content(at: 9) {
                document = .stored(content)
            } else {
                document = .none
            }
            replies[index] = .seal(
                .sealed(
                    SealedRecord(
                        version: state.version, saveID: state.saveID, document: document,
                        createdAtMillis: try row.integer(15), updatedAtMillis: try row.integer(16),
                        pending: operations[position] ?? [])))
        }
    }

    private func readDeliveries(
        _ inserted: QueryResult?, existing: QueryResult, _ replies: inout [StoreReply?]
    ) throws(StoreError) {
        struct Name: Hashable {
            var record: RecordID
            var id: [UInt8]
        }
        var names = Set<Name>()
        if let inserted {
            for row in inserted.rows { names.insert(Name(record: try row.recordID(at: 0), id: try row.bytes(2))) }
        }
        for delivery in deliveries { replies[delivery.index] = .deliver(.full) }
        for row in existing.rows {
            let (index, delivery) = deliveries[Int(try row.integer(0))]
            if names.contains(Name(record: delivery.record, id: Array(delivery.id.description.utf8))) {
                replies[index] = .deliver(.delivered)
            } else if row.flag(2) {
                replies[index] = .deliver(.duplicate(try row.operationState(1)))
            } else {
                replies[index] = .deliver(.conflict)
            }
        }
    }
}
