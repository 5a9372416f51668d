/// One statement with its parameters.
struct Statement: Sendable {
    let sql: String
    var parameters = Parameters()

    init(_ sql: String, _ parameters: Parameters = Parameters()) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// Statements that go out as one pipeline.
struct Batch: Sendable {
    enum Kind {
        /// One statement that changes nothing.
        case read
        /// BEGIN and COMMIT are put around the statements.
        case transaction
    }

    var kind: Kind
    var statements: [Statement]
}
