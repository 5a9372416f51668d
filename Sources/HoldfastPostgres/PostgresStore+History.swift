public import HoldfastStorage

// The kept versions of records.

extension PostgresStore {
    /// Reads a range of the primary key, without the contents.
    public func history(
        of id: RecordID, before version: Int64?, limit: Int
    ) async throws(StoreError) -> [HistoryEntry] {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(id)
            parameters.add(version)
            parameters.add(Int64(limit))
        }
        var page: [HistoryEntry] = []
        for row in try await query(SQL.history, parameters).rows {
            page.append(
                HistoryEntry(
                    version: try row.integer(0), schema: Int(try row.integer(1)), updatedAtMillis: try row.integer(2),
                    replacedAtMillis: try row.integer(3), reason: row.optionalText(4),
                    storedBytes: Int(try row.integer(5)), documentBytes: Int(try row.integer(6)),
                    isDeletion: try row.integer(7) != 0))
        }
        return page
    }

    /// Looks for it among the kept versions, then at the row.
    public func historyContent(of id: RecordID, version: Int64) async throws(StoreError) -> Content? {
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(id)
            parameters.add(version)
        }
        return try await query(SQL.historyContent, parameters).first?.content(at: 0)
    }

    /// Copies the row under its lock; durable.
    public func keepCurrent(of id: RecordID, reason: String) async throws(StoreError) -> Int64? {
        try KeepRule.validate(reason: reason)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(id)
            parameters.add(reason)
        }
        return try await transact([Statement(SQL.keepCurrent, parameters)]).first?.first?.integer(0)
    }

    /// Reads one row of the verdicts.
    public func verdict(of trade: RandomID) async throws(StoreError) -> Decision.Verdict? {
        let parameters = try await scoped(for: .history) { $0.add(trade.bytes) }
        guard let row = try await query(SQL.verdict, parameters).first else { return nil }
        let text = try row.text(0)
        guard let verdict = Decision.Verdict(rawValue: text) else {
            throw StoreError(.newerSchema, "a trade has a verdict that this build does not know")
        }
        return verdict
    }

    /// Removes the oldest first and leaves to other calls what they are removing; durable.
    public func pruneHistory(replacedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(millis)
            parameters.add(Int64(limit))
        }
        let count = try await transact([Statement(SQL.pruneHistory, parameters)]).first?.first?.integer(0)
        return Int(count ?? 0)
    }
}
