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

extension Result where Failure == ProfileError {
    /// The error's code, or the word for a success.
    func traced(_ word: (Success) -> String) -> String {
        switch self {
        case .success(let value): word(value)
        case .failure(let error): error.code.description
        }
    }
}
