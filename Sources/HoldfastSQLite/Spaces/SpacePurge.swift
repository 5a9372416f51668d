import GRDB

/// Removes what dropped spaces left behind, in steps that hold the file's lock for a moment only.
enum SpacePurge {
    /// Rows of one step of its own.
    static let rowsOfAStep = 5_000
    /// Rows that a group of scores removes beside its own work.
    static let rowsOfAGroup = 250

    /// Removes at most that many rows of one dropped space; false when there is none left.
    @discardableResult
    static func step(in database: Database, rows: Int) throws -> Bool {
        guard let number = try database.first(Statements.dropped, [], { try $0.int64() }) else { return false }
        let removed =
            try database.run(Statements.purgeEntries, [number, rows])
            + database.run(Statements.purgeScores, [number, rows])
        if removed == 0 { try database.run(Statements.purgeSpace, [number]) }
        return true
    }
}
