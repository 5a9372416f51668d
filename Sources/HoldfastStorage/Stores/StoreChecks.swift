extension DurableStoreLimits {
    /// The most rows of one page, and the most records of one question.
    public static let page = 1_000

    /// Checks the limit of a page.
    package static func checkPage(_ limit: Int) throws(StoreError) {
        guard (1...page).contains(limit) else { throw StoreError(.badInput, "a limit is 1 to \(page), not \(limit)") }
    }

    /// Checks the number of members asked about at once.
    package static func checkMembers(_ members: [Key]) throws(StoreError) {
        guard members.count <= page else {
            throw StoreError(.badInput, "at most \(page) members are asked about at once, not \(members.count)")
        }
    }

    /// Checks the number of records asked about at once.
    package static func checkRecords(_ records: [RecordID]) throws(StoreError) {
        guard records.count <= page else {
            throw StoreError(.badInput, "at most \(page) records are asked about at once, not \(records.count)")
        }
    }
}

extension [StoreRequest] {
    /// Checks a group as a store gets it: its size, its members, and that no two name the same record.
    ///
    /// - Throws: ``StoreError`` with code `badInput`.
    package func validate() throws(StoreError) {
        guard count <= DurableStoreLimits.group else {
            throw StoreError(.badInput, "a group has at most \(DurableStoreLimits.group) members, not \(count)")
        }
        var records = Set<RecordID>()
        for request in self {
            try request.validate()
            for record in request.records {
                guard records.insert(record).inserted else {
                    throw StoreError(.badInput, "two members of a group name the same record")
                }
            }
        }
    }
}

extension StoreError {
    /// The store knows no deployment of that name.
    package static func neverMigrated(_ name: String, file: String = #fileID, line: Int = #line) -> StoreError {
        StoreError(
            .wrongDeployment, "deployment \(name.debugDescription) is unknown to this store; run `holdfast migrate`",
            file: file, line: line
        )
    }
}

extension RowState {
    /// Stands for a row that is not there.
    package static let missing = RowState(version: 0, fence: 0, owner: nil, saveID: nil)
}

/// The oldest layout of a database that a call can work with.
package enum LayoutNeed: Sendable {
    /// Records and operations.
    case records
    /// Logs, score tables and definitions as well.
    case spaces

    /// The layout's version.
    package var schema: Int {
        switch self {
        case .records: 1
        case .spaces: 2
        }
    }

    /// Refuses a store whose layout is older.
    package func check(_ found: Int) throws(StoreError) {
        guard found < schema else { return }
        throw StoreError(
            .wrongDeployment,
            "the store has layout \(found) and this call needs layout \(schema); run `holdfast migrate`"
        )
    }
}

extension [StoreRequest] {
    /// The oldest layout that can carry the group out.
    package var neededLayout: LayoutNeed {
        let usesSpaces = contains { request in
            switch request {
            case .append, .trim, .submit: true
            case .commit(let commit): !commit.projections.isEmpty
            case .seal, .deliver: false
            }
        }
        return usesSpaces ? .spaces : .records
    }
}
