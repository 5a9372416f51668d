import Foundation
import GRDB
public import HoldfastStorage

extension SQLiteStore {
    /// See ``DurableStore/settleRestore(from:)``; one immediate transaction.
    public func settleRestore(from position: RestorePosition) async throws(StoreError) -> RestoreStep {
        let (deployment, schema) = try await place(for: .spaces)
        let now = now()
        return try await transaction(.immediate) { database in
            if position == .start, schema >= LayoutNeed.history.schema {
                _ = try Self.bumpGeneration(of: deployment, now, database)
            }
            return switch position {
            case .records(let after): try Self.raiseFences(after: after, deployment, database)
            case .spaces(let after): try Self.renewGenerations(after: after, deployment, database)
            }
        }
    }

    private static func raiseFences(
        after: RecordID?, _ deployment: Int64, _ database: Database
    ) throws -> RestoreStep {
        let start: StatementArguments = [
            deployment, after?.collection.description ?? "", Data(after?.key.bytes ?? []),
        ]
        let found = try database.first(Statements.lastOfPage, start + [RestorePosition.stepRows]) { row in
            let (collection, key) = (try row.text(), try row.bytes())
            guard let collection = try? CollectionName(collection), let key = try? Key(bytes: key) else {
                throw row.unexpected()
            }
            return (last: RecordID(collection: collection, key: key), count: try row.int())
        }
        guard let (last, count) = found else { return RestoreStep(records: 0, spaces: 0, next: .spaces(after: 0)) }
        let end: StatementArguments = [last.collection.description, Data(last.key.bytes)]
        guard try database.run(Statements.raiseFences, start + end) == count else {
            throw StoreError(.internalError, "a page of records changed within one transaction")
        }
        return RestoreStep(
            records: count, spaces: 0,
            next: count < RestorePosition.stepRows ? .spaces(after: 0) : .records(after: last))
    }

    private static func renewGenerations(
        after: Int64, _ deployment: Int64, _ database: Database
    ) throws -> RestoreStep {
        let numbers = try database.all(Statements.spaceNumbers, [deployment, after, RestorePosition.stepRows]) {
            try $0.int64()
        }
        for number in numbers { try database.run(Statements.renewGeneration, [RandomID.random().data, number]) }
        let isLast = numbers.count < RestorePosition.stepRows
        return RestoreStep(
            records: 0, spaces: numbers.count, next: isLast ? nil : numbers.last.map { .spaces(after: $0) })
    }
}
