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

    /// Checks the number of parts asked about at once.
    package static func checkParts(_ names: [PartName]) throws(StoreError) {
        guard names.count <= page else {
            throw StoreError(.badInput, "at most \(page) parts are asked about at once, not \(names.count)")
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
    /// Checks a group as a store gets it: its size, its members, and that no two name the same record or trade.
    ///
    /// - Throws: ``StoreError`` with code `badInput`.
    package func validate() throws(StoreError) {
        guard count <= DurableStoreLimits.group else {
            throw StoreError(.badInput, "a group has at most \(DurableStoreLimits.group) members, not \(count)")
        }
        var records = Set<RecordID>()
        var trades = Set<RandomID>()
        for request in self {
            try request.validate()
            for record in request.records {
                guard records.insert(record).inserted else {
                    throw StoreError(.badInput, "two members of a group name the same record")
                }
            }
            if let trade = request.trade, !trades.insert(trade).inserted {
                throw StoreError(.badInput, "two members of a group decide the same trade")
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
