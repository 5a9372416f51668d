import HoldfastStorage

/// An operation that a session has dealt with and whose receipt is not committed yet.
struct UnsettledOperation: Sendable {
    let settlement: Settlement
    /// Whether the document has something of it; a failed attempt or an expiry leaves nothing there.
    let hasEffect: Bool
    /// Called once the commit is certain.
    var announce: (@Sendable (AppliedOperation) -> Void)?

    var id: OperationID { settlement.id }
}

/// What a session was before it took a number of operations in one go.
struct SessionCheckpoint<Document: Sendable>: Sendable {
    var document: Document
    /// How many deliveries waited for the next commit.
    var outboxCount: Int
    /// How many edits the game had made.
    let edits: UInt64
}

/// The operations of a session whose receipts go with its next commits, and the way back for where a commit is refused.
///
/// Pure. A commit takes all that are there, so that those which come meanwhile stand on what it holds.
struct UnsettledOperations<Document: Sendable>: Sendable {
    /// What was taken in one go, with no edit in between.
    private struct Batch {
        var before: SessionCheckpoint<Document>
        var operations: [UnsettledOperation]
    }

    private var batches: [Batch] = []

    var isEmpty: Bool { batches.isEmpty }
    /// A closure: a key path into a generic type is made anew at run time by each use, and every save asks this.
    var all: [UnsettledOperation] { batches.flatMap { $0.operations } }

    /// Adds what was taken from a session that was like `before`.
    mutating func add(_ operations: [UnsettledOperation], before: SessionCheckpoint<Document>) {
        guard !operations.isEmpty else { return }
        batches.append(Batch(before: before, operations: operations))
    }

    /// A commit took the first `deliveries` of the outbox; `note` is what the session's own document is told of it.
    mutating func committed(deliveries: Int, note: (inout Document) -> Void) {
        for index in batches.indices {
            note(&batches[index].before.document)
            batches[index].before.outboxCount = max(0, batches[index].before.outboxCount - deliveries)
        }
    }

    /// Takes out those whose receipts the store has.
    mutating func settled(_ ids: Set<OperationID>) -> [UnsettledOperation] {
        defer { remove(ids) }
        return all.filter { ids.contains($0.id) }
    }

    /// Takes out those that were settled elsewhere.
    ///
    /// - Returns: Where the document has something of them, what to go back to and what is to be taken anew, namely all
    ///   that came with the first of them or later; nil where it has nothing.
    mutating func refused(
        _ ids: Set<OperationID>
    ) -> (before: SessionCheckpoint<Document>, undone: [OperationID])? {
        defer { remove(ids) }
        let first = batches.firstIndex { batch in
            batch.operations.contains { $0.hasEffect && ids.contains($0.id) }
        }
        guard let first else { return nil }
        let undone = batches[first...].flatMap(\.operations).map(\.id)
        let before = batches[first].before
        batches.removeSubrange(first...)
        return (before, undone)
    }

    private mutating func remove(_ ids: Set<OperationID>) {
        for index in batches.indices { batches[index].operations.removeAll { ids.contains($0.id) } }
        batches.removeAll { $0.operations.isEmpty }
    }
}
