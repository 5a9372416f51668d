public import HoldfastStorage

// Whom records are about, and their erasure.

extension PostgresStore {
    /// Asks an index of all user ids, which also knows what builds of older layouts write.
    public func records(
        ofUser userID: String, after: RecordID?, limit: Int
    ) async throws(StoreError) -> [RecordID] {
        try DurableStoreLimits.checkPage(limit)
        try Erasure.validate(userID: userID)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(userID: userID)
            parameters.add(after?.collection.description ?? "")
            parameters.add(after?.key.bytes ?? [])
            parameters.add(Int64(limit))
        }
        var page: [RecordID] = []
        for row in try await query(SQL.recordsOfUser, parameters).rows { page.append(try row.recordID(at: 0)) }
        return page
    }

    /// One transaction that takes the record first; durable.
    public func erase(_ id: RecordID) async throws(StoreError) -> Bool {
        let deployment = try await knownDeployment(for: .history).number
        var locking = Parameters()
        locking.add(deployment)
        locking.add([id])
        var erasing = Parameters()
        erasing.add(deployment)
        erasing.add(id)
        erasing.add(RandomID.random().bytes)
        let statements = [Statement(SQL.lock, locking), Statement(SQL.erase, erasing)]
        return try await transact(statements).last?.first?.flag(0) == true
    }

    /// Looks at every kept version and takes those that name the person; durable.
    public func eraseHistory(ofUser userID: String, limit: Int) async throws(StoreError) -> Int {
        try DurableStoreLimits.checkPage(limit)
        try Erasure.validate(userID: userID)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(userID: userID)
            parameters.add(Int64(limit))
        }
        let count = try await transact([Statement(SQL.eraseHistory, parameters)]).first?.first?.integer(0)
        return Int(count ?? 0)
    }

    /// Inserts a row, or gives the one that is there the newer time; durable.
    public func rememberErasure(ofUser userID: String) async throws(StoreError) {
        try Erasure.validate(userID: userID)
        let parameters = try await scoped(for: .history) { $0.add(Array(userID.utf8)) }
        _ = try await transact([Statement(SQL.rememberErasure, parameters)])
    }

    /// Reads a range of the primary key.
    public func erasures(after userID: String?, limit: Int) async throws(StoreError) -> [Erasure] {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(userID.map { Array($0.utf8) } ?? [])
            parameters.add(Int64(limit))
        }
        var page: [Erasure] = []
        for row in try await query(SQL.erasures, parameters).rows {
            page.append(
                Erasure(
                    userID: String(decoding: try row.bytes(0), as: UTF8.self), rememberedAtMillis: try row.integer(1)))
        }
        return page
    }
}
