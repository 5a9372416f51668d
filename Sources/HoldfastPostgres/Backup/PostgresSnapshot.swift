import HoldfastStorage
internal import Synchronization

/// Everything that a deployment holds, read in one transaction.
final class PostgresSnapshot: StoreSnapshot {
    let deployment: Deployment
    private let lane: BackupLane
    private let number: Int64
    private let place = Mutex(Place())

    /// How far the reading has come; one call at a time.
    private struct Place {
        var rest = BackupTable.allCases[...]
        var isOpen = false
        /// How many rows the next fetch asks for, at most.
        var count = 16
        /// Rows that were fetched and not handed out yet.
        var fetched: ArraySlice<BackupRow> = []

        mutating func page() -> [BackupRow]? {
            var page = BackupPage()
            while !page.isFull, let row = fetched.popFirst() { page.append(row) }
            return page.list.isEmpty ? nil : page.list
        }
    }

    private init(_ deployment: Deployment, _ number: Int64, _ lane: BackupLane) {
        self.deployment = deployment
        self.number = number
        self.lane = lane
    }

    static func open(_ lane: BackupLane, deployment name: String) async throws(StoreError) -> PostgresSnapshot {
        do throws(StoreError) {
            var parameters = Parameters()
            parameters.add(name)
            // The first read fixes what is seen.
            let results = try await lane.run([
                Statement(SQL.beginSnapshot), BackupLane.settings, Statement(SQL.deployment, parameters),
            ])
            guard let row = results.last?.first, let number = try row.optionalInteger(2),
                let deployment = try PostgresStore.deployment(name, row)
            else { throw StoreError.neverMigrated(name) }
            return PostgresSnapshot(deployment, number, lane)
        } catch {
            await lane.close()
            throw error
        }
    }

    func next() async throws(StoreError) -> [BackupRow]? {
        if let page = place.withLock({ $0.page() }) { return page }
        while let (table, isOpen, count) = place.withLock({ place in
            place.rest.first.map { ($0, place.isOpen, min(place.count, Self.most(of: $0))) }
        }) {
            var statements = [Statement(SQL.fetchRows(count))]
            if !isOpen {
                var parameters = Parameters()
                parameters.add(number)
                statements.insert(Statement(SQL.openRows(of: table), parameters), at: 0)
            }
            guard let result = try await lane.run(statements).last else {
                throw StoreError(.internalError, "a query had no result")
            }
            var rows: [BackupRow] = []
            for row in result.rows { rows.append(try row.backupRow(of: table)) }
            let isLast = rows.count < count
            if isLast { try await lane.run([Statement(SQL.closeRows)]) }
            let page = place.withLock { place in
                place.isOpen = !isLast
                if isLast { place.rest.removeFirst() }
                place.count = isLast ? 16 : Self.count(after: rows)
                place.fetched = rows[...]
                return place.page()
            }
            if let page { return page }
        }
        return nil
    }

    /// The most rows of one fetch: few where a row may be large, whatever those before it were.
    private static func most(of table: BackupTable) -> Int {
        switch table {
        case .record, .history: 8
        case .part: 16
        case .entry, .operation: 256
        case .erasure, .decision, .space, .score, .batch, .definition: BackupPage.rows
        }
    }

    /// As many rows as make about a page, going by those that came.
    private static func count(after rows: [BackupRow]) -> Int {
        let size = rows.reduce(0) { $0 + $1.size } / max(rows.count, 1)
        return min(max(BackupPage.bytes / max(size, 1), 4), BackupPage.rows)
    }

    func close() async {
        await lane.close()
    }
}

extension QueryResult.Row {
    /// The columns of a table, in order.
    fileprivate func backupRow(of table: BackupTable) throws(StoreError) -> BackupRow {
        var values: [BackupValue] = []
        for (index, column) in table.columns.enumerated() {
            let index = Int32(index)
            switch column.kind {
            case .integer: values.append(BackupValue(try optionalInteger(index)))
            case .real: values.append(.real(try double(index)))
            case .text, .collection: values.append(BackupValue(optionalText(index)))
            case .blob, .id, .key: values.append(BackupValue(optionalBytes(index)))
            }
        }
        return BackupRow(table, values)
    }
}
