import HoldfastStorage

// What a trace calls the ends of steps.

extension SessionEnd {
    /// How a session ended, without names.
    var word: String {
        switch self {
        case .closed: "closed"
        case .handedOver: "handedOver"
        case .drained: "drained"
        case .released: "released"
        case .deleted: "deleted"
        case .lost(let reason): reason.rawValue
        }
    }
}

extension Result {
    /// The error's code, or the word for a success.
    func traced(_ word: (Success) -> String) -> String {
        switch self {
        case .success(let value): word(value)
        case .failure(let error): error.failureWord
        }
    }
}

extension SaveReceipt {
    var word: String { wrote ? "saved" : "unchanged" }
}

extension Opening {
    var word: String { "\(origin)" }
}

extension TradeOutcome {
    /// What became of it, and why where that is known.
    var word: String {
        switch self {
        case .committed: "committed"
        case .aborted(let abort): abort.cause == .unknown ? "aborted" : abort.cause.rawValue
        case .pending: "pending"
        }
    }
}

extension TransactionRun.Outcome {
    var word: String {
        switch self {
        case .committed: "committed"
        case .decided: "decided"
        case .settledElsewhere: "settledElsewhere"
        }
    }
}

extension DeliveryOutcome {
    var word: String {
        if case .duplicate = self { "duplicate" } else { "\(self)" }
    }
}

extension OperationRun.Outcome {
    /// What the attempt came to: as its receipt will say, or that it failed or took a step and is tried again.
    var word: String {
        let state = operation.settlement.state
        guard state == .pending else { return state.rawValue }
        return hasFailed ? "failed" : "stepped"
    }
}
