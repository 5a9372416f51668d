/// The oldest layout of a database that a call can work with.
package enum LayoutNeed: Sendable {
    /// Records and operations.
    case records
    /// Logs, score tables and definitions as well.
    case spaces
    /// Parts, history, decisions, people, a generation, and times and progress of operations as well.
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
            case .seal: break
            case .deliver(let delivery): if delivery.usesTimes { return .history }
            case .append, .trim, .submit: need = .spaces
            case .commit(let commit) where commit.usesHistory: return .history
            case .commit(let commit): if !commit.projections.isEmpty { need = .spaces }
            case .decide: return .history
            }
        }
        return need
    }
}

extension Delivery {
    fileprivate var usesTimes: Bool { timeToLiveMillis != nil || delayMillis > 0 }
}

extension CommitRequest {
    /// Whether it asks for what only layout 3 can hold.
    ///
    /// An older one keeps nothing hourly, its generation is 0, and operations that failed are tried again at once.
    fileprivate var usesHistory: Bool {
        !entries.isEmpty || decision != nil || generation ?? 0 != 0
            || deliveries.contains { $0.usesTimes } || settlements.contains { $0.progress != nil }
            || writes.contains { write in
                if case .always = write.keeps { return true }
                return !write.parts.isEmpty
            }
    }
}
