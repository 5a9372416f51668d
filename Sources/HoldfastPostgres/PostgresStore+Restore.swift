public import HoldfastStorage

extension PostgresStore {
    /// See ``DurableStore/settleRestore(from:)``; a store of a layout before 3 has no generation to raise.
    public func settleRestore(from position: RestorePosition) async throws(StoreError) -> RestoreStep {
        switch position {
        case .records(let after): try await raiseFences(after: after)
        case .spaces(let after): try await renewGenerations(after: after)
        }
    }

    private func raiseFences(after: RecordID?) async throws(StoreError) -> RestoreStep {
        let parameters = try await scoped(for: .spaces) { parameters in
            parameters.add(after?.collection.description ?? "")
            parameters.add(after?.key.bytes ?? [])
            parameters.add(Int64(RestorePosition.stepRows))
        }
        var statements = [Statement(SQL.raiseFences, parameters)]
        if after == nil, try await knownDeployment().schema >= LayoutNeed.history.schema {
            statements.insert(try await bump(), at: 0)
        }
        guard let row = try await transact(statements).last?.first else {
            return RestoreStep(records: 0, spaces: 0, next: .spaces(after: 0))
        }
        let count = Int(try row.integer(0))
        let isLast = count < RestorePosition.stepRows
        return RestoreStep(
            records: count, spaces: 0, next: isLast ? .spaces(after: 0) : .records(after: try row.recordID(at: 1)))
    }

    private func renewGenerations(after: Int64) async throws(StoreError) -> RestoreStep {
        let parameters = try await scoped(for: .spaces) { parameters in
            parameters.add(after)
            parameters.add(Int64(RestorePosition.stepRows))
        }
        let row = try await transact([Statement(SQL.renewGenerations, parameters)]).first?.first
        let (count, last) = (try row?.integer(0) ?? 0, try row?.optionalInteger(1))
        let isLast = count < RestorePosition.stepRows
        return RestoreStep(
            records: 0, spaces: Int(count), next: isLast ? nil : last.map { RestorePosition.spaces(after: $0) })
    }

    /// Raises the generation by one, or to the time where that is more.
    public func bumpGeneration() async throws(StoreError) -> Int64 {
        guard let row = try await transact([try await bump()]).first?.first else {
            throw StoreError.neverMigrated(name)
        }
        return try row.integer(0)
    }

    private func bump() async throws(StoreError) -> Statement {
        Statement(SQL.bumpGeneration, try await scoped(for: .history) { _ in })
    }
}
