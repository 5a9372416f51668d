/// The oldest layout of a database that a call can work with.
package enum LayoutNeed: Sendable {
    /// Records and operations.
    case records
    /// Logs, score tables and definitions as well.
    case spaces
    /// Parts, history, decisions, people and a generation as well.
    case history

    /// The layout's version.
    package var schema: Int {
        switch self {
        case .records: 1
        case .spaces: 2
        case .history: 3
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
        var need = LayoutNeed.records
        for request in self {
            switch request {
            case .seal, .deliver: break
            case .append, .trim, .submit: need = .spaces
            case .commit(let commit) where commit.usesHistory: return .history
            case .commit(let commit): if !commit.projections.isEmpty { need = .spaces }
            case .decide: return .history
            }
        }
        return need
    }
}

extension CommitRequest {
    /// Whether it asks for what only layout 3 can hold.
    ///
    /// An older one keeps nothing hourly, and its generation is 0.
    fileprivate var usesHistory: Bool {
        !entries.isEmpty || decision != nil || generation ?? 0 != 0
            || writes.contains { write in
                if case .always = write.keeps { return true }
                return !write.parts.isEmpty
            }
    }
}
