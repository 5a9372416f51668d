import HoldfastStorage

// How the results of a group become its replies.

extension GroupTransaction {
    /// Reads the results of ``statements``, in their order; nil for a save that history has to precede.
    func replies(_ results: [QueryResult]) throws(StoreError) -> [StoreReply?] {
        guard results.count == statements.count else {
            throw StoreError(.internalError, "\(results.count) results for \(statements.count) statements")
        }
        var replies = [StoreReply?](repeating: nil, count: count)
        var sealed: QueryResult?
        var inserted: QueryResult?
        for (step, result) in zip(steps, results) {
            switch step {
            case .ignored: break
            case .decided: try readDecisions(result, &replies)
            case .saves(let members): try readSaves(members, result, &replies)
            case .commits(let members): try readCommits(members, result, &replies)
            case .sealed: sealed = result
            case .pending: try readSeals(sealed, pending: result, &replies)
            case .delivered: inserted = result
            case .existing: try readDeliveries(inserted, existing: result, &replies)
            }
        }
        for (index, reply) in try spaces.replies(results.dropFirst(steps.count)) { replies[index] = reply }
        return replies
    }

    private func readSaves(
        _ members: [CommitMember], _ result: QueryResult, _ replies: inout [StoreReply?]
    ) throws(StoreError) {
        for member in members { replies[member.index] = .commit(.committed) }
        for row in result.rows {
            let member = members[Int(try row.integer(0))]
            let refusal = CommitOutcome.refused(rows: [try row.state(at: 1)], settled: [])
            replies[member.index] = row.flag(8) ? nil : .commit(row.flag(7) ? .storeRestored : refusal)
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
        var outcomes: [Int: CommitOutcome] = [:]
        var written: Int64 = 0
        for row in result.rows {
            let position = Int(try row.integer(1))
            switch try row.integer(0) {
            case 0:
                refused.insert(writes[position].0.index)
                rows[position] = try row.state(at: 2)
            case 1: settled[settlements[position].0.index, default: []].append(settlements[position].1.id)
            case 2: written = Int64(position)
            case 3: outcomes[position] = .storeRestored
            default:
                if outcomes[position] == nil {
                    outcomes[position] = .decided(try row.integer(2) == 1 ? .committed : .aborted)
                }
            }
        }
        // What is acknowledged was counted by the server, not assumed.
        let accepted = writes.count { !refused.contains($0.0.index) && outcomes[$0.0.index] == nil }
        guard written == accepted else {
            throw StoreError(.internalError, "\(written) rows were written where \(accepted) matched")
        }
        var position = 0
        for member in members {
            let positions = position..<position + member.request.writes.count
            position = positions.upperBound
            let outcome = outcomes[member.index]
            if refused.contains(member.index), outcome != .storeRestored {
                replies[member.index] = .commit(
                    .refused(rows: positions.map { rows[$0] }, settled: settled[member.index] ?? []))
            } else {
                replies[member.index] = .commit(outcome ?? .committed)
            }
        }
    }

    private func readDecisions(_ result: QueryResult, _ replies: inout [StoreReply?]) throws(StoreError) {
        var verdicts: [RandomID: Decision.Verdict] = [:]
        for row in result.rows {
            guard let verdict = Decision.Verdict(rawValue: try row.text(1)) else {
                throw StoreError(.newerSchema, "a trade has a verdict that this build does not know")
            }
            verdicts[try row.id(0)] = verdict
        }
        for (index, decision) in decisions { replies[index] = verdicts[decision.trade].map { .decide($0) } }
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
                        pending: operations[position] ?? [], generation: try row.integer(17))))
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
