import ArgumentParser
import HoldfastStorage

/// Operations as the verbs print them.
enum OperationView {
    /// The payload is null once the receipt was shortened.
    static func document(_ operation: OperationRecord) -> OutputValue {
        .object(fields(operation))
    }

    static func fields(_ operation: OperationRecord) -> [OutputValue.Field] {
        [
            .init(name: "id", value: .string(operation.id.description)),
            .init(name: "collection", value: .string(operation.record.collection.description)),
            .init(name: "key", value: .string(operation.record.key.description)),
            .init(name: "type", value: .string(operation.type)),
            .init(name: "state", value: .string(operation.state.rawValue)),
            .init(name: "attempts", value: .integer(Int64(operation.attempts))),
            .init(name: "lastError", value: .optional(operation.lastError)),
            .init(name: "deliveredAt", value: .time(operation.deliveredAtMillis)),
            .init(name: "finishedAt", value: time(operation.finishedAtMillis)),
            .init(name: "expiresAt", value: time(operation.expiresAtMillis)),
            .init(name: "dueAt", value: time(operation.dueAtMillis)),
            .init(name: "payload", value: payload(operation)),
        ]
    }

    private static func time(_ millis: Int64?) -> OutputValue { millis.map { .time($0) } ?? .null }

    /// What is not JSON would break the line; no build writes such a thing.
    private static func payload(_ operation: OperationRecord) -> OutputValue {
        let json = try? CanonicalJSON.write(CanonicalJSON.parse(operation.payload))
        return json.map { .raw($0) } ?? .null
    }

    /// Prints a list; `next` is the cursor of the page that follows.
    static func print(
        _ operations: [OperationRecord], next: String? = nil, none: String, to output: Output
    ) throws(CommandError) {
        try output.print(.page(operations.map { document($0) }, next: next)) {
            guard !operations.isEmpty else { return none }
            var table = Table("ID", "COLLECTION", "KEY", "TYPE", "STATE", "ATTEMPTS", "DELIVERED", "ERROR")
            for operation in operations {
                table.add(
                    operation.id.description, operation.record.collection.description,
                    operation.record.key.description, operation.type, operation.state.rawValue,
                    "\(operation.attempts)", Timestamp.text(millis: operation.deliveredAtMillis),
                    operation.lastError ?? "")
            }
            return table.text + (next.map { "\nmore: --after \($0)" } ?? "")
        }
    }
}

/// The options of a list of operations.
struct OperationPage: ParsableArguments {
    @Option(help: ArgumentHelp("The most rows, 1 to 1000.", valueName: "count"))
    var limit = 100

    @Option(help: ArgumentHelp("Begin after the page that ended with this cursor.", valueName: "cursor"))
    var after: String?

    /// Reads one page and finds out whether another follows.
    ///
    /// - Throws: ``CommandError`` with code `usage` for options that make no sense; what `read` throws.
    func read(
        _ read: (_ after: Int64, _ limit: Int) async throws -> [OperationRecord]
    ) async throws -> (rows: [OperationRecord], next: String?) {
        guard (1...1_000).contains(limit) else { throw CommandError.usage("--limit: expected 1 to 1000") }
        guard let start = after.map({ Int64($0) }) ?? 0, start >= 0 else {
            throw CommandError.usage("--after: not a cursor of this list")
        }
        let rows = try await read(start, limit)
        guard rows.count == limit, let last = rows.last?.sequence else { return (rows, nil) }
        return (rows, try await read(last, 1).isEmpty ? nil : "\(last)")
    }
}
