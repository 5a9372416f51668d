public import HoldfastStorage

// The parts of records.

extension PostgresStore {
    /// Reads a range of the primary key.
    public func parts(
        of id: RecordID, startingWith prefix: [UInt8], after: PartName?, limit: Int
    ) async throws(StoreError) -> [Part] {
        try DurableStoreLimits.checkPage(limit)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(id)
            parameters.add(prefix)
            parameters.add(Self.end(of: prefix))
            parameters.add(after?.bytes ?? [])
            parameters.add(Int64(limit))
        }
        var page: [Part] = []
        for row in try await query(SQL.parts, parameters).rows { page.append(try row.part(at: 0)) }
        return page
    }

    /// Reads all of them in one statement.
    public func parts(of id: RecordID, names: [PartName]) async throws(StoreError) -> [Part?] {
        try DurableStoreLimits.checkParts(names)
        let parameters = try await scoped(for: .history) { parameters in
            parameters.add(id)
            parameters.add(integers: names.indices.map { Int64($0) })
            parameters.add(blobs: names.map(\.bytes))
        }
        var found = [Part?](repeating: nil, count: names.count)
        for row in try await query(SQL.partsByName, parameters).rows {
            found[Int(try row.integer(0))] = try row.part(at: 1)
        }
        return found
    }

    /// Adds up the sizes of all parts without reading their payloads.
    public func partSummary(of id: RecordID) async throws(StoreError) -> (count: Int, bytes: Int) {
        let parameters = try await scoped(for: .history) { $0.add(id) }
        guard let row = try await query(SQL.partSummary, parameters).first else { return (0, 0) }
        return (Int(try row.integer(0)), Int(try row.integer(1)))
    }
}

extension QueryResult.Row {
    /// Name, version, payload, checksum.
    fileprivate func part(at column: Int32) throws(StoreError) -> Part {
        Part(
            name: try PartName(bytes: try bytes(column)), version: try integer(column + 1),
            payload: PartPayload(
                bytes: try bytes(column + 2), checksum: UInt64(bitPattern: try integer(column + 3))))
    }
}
