import HoldfastStorage
internal import Synchronization

/// What is to take the place of a deployment's rows, inside one transaction.
final class PostgresReplacement: StoreReplacement {
    private let lane: BackupLane
    private let deployment: Int64
    /// Goes before every statement.
    private let guardian: Statement
    /// The numbers of logs and score tables here, by those in the backup.
    private let spaces = Mutex<[Int64: Int64]>([:])

    private init(_ lane: BackupLane, _ deployment: Int64, transaction: String) {
        self.lane = lane
        self.deployment = deployment
        var parameters = Parameters()
        parameters.add(transaction)
        guardian = Statement(SQL.sameTransaction, parameters)
    }

    static func begin(_ lane: BackupLane, deployment: Int64) async throws(StoreError) -> PostgresReplacement {
        do throws(StoreError) {
            var parameters = Parameters()
            parameters.add(deployment)
            try await holdWriters(lane)
            let results = try await lane.run(
                [Statement(SQL.transaction)] + SQL.emptyDeployment.map { Statement($0, parameters) })
            guard let row = results.first?.first else {
                throw StoreError(.internalError, "a query had no result")
            }
            return PostgresReplacement(lane, deployment, transaction: try row.text(0))
        } catch {
            await lane.close()
            throw error
        }
    }

    /// Begins the transaction, alone with what it writes.
    ///
    /// A writer that waits for this transaction while this one waits for it goes first, and it is tried again.
    private static func holdWriters(_ lane: BackupLane) async throws(StoreError) {
        for attempt in 1... {
            do throws(StoreError) {
                try await lane.run(
                    [Statement(SQL.begin), BackupLane.settings] + SQL.holdWriters.map { Statement($0) })
                return
            } catch {
                guard error.isRetriable, attempt < 20 else { throw error }
                try await lane.run([Statement(SQL.rollback)])
                try? await Task.sleep(for: .milliseconds(Int.random(in: 20...200)))
            }
        }
    }

    func add(_ rows: [BackupRow]) async throws(StoreError) {
        var rest = rows[...]
        while let table = rest.first?.table {
            let batch = rest.prefix { $0.table == table }
            rest = rest.dropFirst(batch.count)
            let statement = Statement(SQL.addRows(of: table), try parameters(Array(batch), table))
            let results = try await lane.run([guardian, statement])
            guard table == .space, let result = results.last else { continue }
            for row in result.rows {
                let (there, here) = (try row.integer(0), try row.integer(1))
                spaces.withLock { $0[there] = here }
            }
        }
    }

    /// One array for each column.
    private func parameters(_ rows: [BackupRow], _ table: BackupTable) throws(StoreError) -> Parameters {
        var parameters = Parameters()
        parameters.add(deployment)
        for (index, column) in table.columns.enumerated() {
            let values = rows.map { $0.values[index] }
            switch column.kind {
            case .integer where index == 0 && (table == .entry || table == .score):
                parameters.add(integers: try here(values, table))
            case .integer:
                parameters.add(integers: values.map { if case .integer(let number) = $0 { number } else { nil } })
            case .real:
                parameters.add(doubles: values.map { if case .real(let number) = $0 { number } else { 0 } })
            case .text, .collection:
                parameters.add(texts: values.map { if case .text(let text) = $0 { text } else { nil } })
            case .blob, .id, .key:
                parameters.add(blobs: values.map { if case .blob(let bytes) = $0 { bytes } else { nil } })
            }
        }
        return parameters
    }

    /// The numbers here of logs and score tables.
    private func here(_ values: [BackupValue], _ table: BackupTable) throws(StoreError) -> [Int64?] {
        let spaces = spaces.withLock { $0 }
        var numbers: [Int64?] = []
        for value in values {
            guard case .integer(let there) = value, let here = spaces[there] else {
                throw BackupRow.corrupt(table, "belongs to no log or score table")
            }
            numbers.append(here)
        }
        return numbers
    }

    func commit(_ identity: RestoredIdentity) async throws(StoreError) {
        var parameters = Parameters()
        parameters.add(deployment)
        parameters.add(identity.id.bytes)
        parameters.add(identity.generation)
        parameters.add(identity.timings.leaseMillis)
        parameters.add(identity.timings.renewMillis)
        parameters.add(identity.timings.beatMillis)
        try await lane.run([guardian, Statement(SQL.identify, parameters)])
        do {
            try await lane.run([guardian, Statement(SQL.commit)])
        } catch {
            guard error.isRetriable else { throw error }
            throw StoreError(
                .outcomeUnknown, "the answer to the restore's commit was lost: \(error.message)", underlying: error)
        }
        await lane.close()
    }

    func abandon() async {
        await lane.close()
    }
}
