// The statements of operations and their receipts.

extension Statements {
    /// A receipt that was not shortened yet; word for word what the index says, so that SQLite uses it.
    static let isReceipt = "state IN ('applied', 'cancelled', 'expired') AND payload <> x''"

    private static let ofRecord = "deployment = ? AND collection = ? AND key = ?"
    /// Since layout 3.
    private static let times = "expires_at, due_at, progress"
    private static let columns = "\(columnsOfLayout1), \(times)"
    private static let columnsOfLayout1 = """
        id, type, payload, state, attempts, last_error, sequence, delivered_at, finished_at
        """

    static let operation = select(columns, "id = ?")
    static let operations = select(columns, "sequence > ? ORDER BY sequence LIMIT ?")
    /// Those that wait for their time come last; the literal state lets SQLite use the partial index.
    ///
    /// Record, now, limit.
    static let pendingOperations = select(
        columns, "state = 'pending' ORDER BY ifnull(due_at, 0) > ?, sequence LIMIT ?")
    static let operationState = select("state", "id = ?")

    static let operationOfLayout1 = select("\(columnsOfLayout1), NULL, NULL, NULL", "id = ?")
    static let operationsOfLayout1 = select(
        "\(columnsOfLayout1), NULL, NULL, NULL", "sequence > ? ORDER BY sequence LIMIT ?")
    static let pendingOperationsOfLayout1 = select(
        "\(columnsOfLayout1), NULL, NULL, NULL", "state = 'pending' ORDER BY sequence LIMIT ?")

    private static func select(_ columns: String, _ condition: String) -> String {
        "SELECT \(columns) FROM operation WHERE \(ofRecord) AND \(condition)"
    }

    /// Without those whose time is over; record, now, limit.
    static let countPending = """
        SELECT count(*) FROM (
            SELECT 1 FROM operation
            WHERE \(ofRecord) AND state = 'pending' AND NOT (ifnull(expires_at <= ?, 0) AND progress IS NULL) LIMIT ?
        )
        """
    static let countPendingOfLayout1 = """
        SELECT count(*) FROM (SELECT 1 FROM operation WHERE \(ofRecord) AND state = 'pending' LIMIT ?)
        """
    static let operationsWithID = """
        SELECT collection, key, \(columns) FROM operation
        WHERE deployment = ? AND id = ? AND sequence > ? ORDER BY sequence LIMIT ?
        """
    static let deadOperations = """
        SELECT collection, key, \(columns) FROM operation INDEXED BY operation_dead
        WHERE deployment = ? AND state = 'dead' AND sequence > ? ORDER BY sequence LIMIT ?
        """
    static let deadOperationsOfCollection = """
        SELECT collection, key, \(columns) FROM operation INDEXED BY operation_dead
        WHERE deployment = ? AND collection = ? AND state = 'dead' AND sequence > ? ORDER BY sequence LIMIT ?
        """

    static let insertOperation = """
        INSERT INTO operation (deployment, collection, key, id, type, payload, attempts, delivered_at, state,
            last_error, finished_at, expires_at, due_at)
        VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (deployment, collection, key, id) DO NOTHING
        """
    static let insertOperationOfLayout1 = """
        INSERT INTO operation (deployment, collection, key, id, type, payload, attempts, delivered_at, state,
            last_error, finished_at)
        VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
        ON CONFLICT (deployment, collection, key, id) DO NOTHING
        """
    static let settleOfLayout1 = """
        UPDATE operation SET state = ?, attempts = ?, last_error = ?, finished_at = ?
        WHERE \(ofRecord) AND id = ? AND state = 'pending'
        """
    static let settle = """
        UPDATE operation SET state = ?, attempts = ?, last_error = ?, finished_at = ?, due_at = ?, progress = ?
        WHERE \(ofRecord) AND id = ? AND state = 'pending'
        """
    /// Ends an operation, pending or dead, without an attempt.
    static let finishOperation = """
        UPDATE operation SET state = ?, last_error = ifnull(?, last_error), finished_at = ?, due_at = NULL,
            progress = NULL
        WHERE \(ofRecord) AND id = ? AND state IN ('pending', 'dead')
        """
    /// Makes a pending operation a dead letter, without an attempt: reason, now, record, id.
    static let failOperation = """
        UPDATE operation SET state = 'dead', last_error = ?, finished_at = ?, due_at = NULL
        WHERE \(ofRecord) AND id = ? AND state = 'pending'
        """
    static let expireOperations = """
        UPDATE operation SET state = 'expired', finished_at = ?, due_at = NULL
        WHERE \(ofRecord) AND state = 'pending' AND expires_at <= ? AND progress IS NULL
        """
    /// New id, time of delivery, record, old id.
    static let requeueOperation = """
        INSERT INTO operation (deployment, collection, key, id, type, payload, state, attempts, delivered_at, progress)
        SELECT deployment, collection, key, ?, type, payload, 'pending', 0, ?, progress FROM operation
        WHERE \(ofRecord) AND id = ?
        """
    static let shortenReceipts = """
        UPDATE operation SET payload = x'', last_error = NULL, progress = NULL
        WHERE sequence IN (
            SELECT sequence FROM operation WHERE deployment = ? AND finished_at < ? AND \(isReceipt) LIMIT ?
        )
        """
}
