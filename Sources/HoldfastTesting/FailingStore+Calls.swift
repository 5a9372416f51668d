public import HoldfastStorage

extension FailingStore.Call {
    /// Whether it commits a save, a transaction or a deletion.
    public var isCommit: Bool {
        requests.contains { if case .commit = $0 { true } else { false } }
    }

    /// Whether it takes a record for a session that is being opened.
    public var isSeal: Bool {
        requests.contains { if case .seal = $0 { true } else { false } }
    }

    private var requests: [StoreRequest] {
        if case .execute(let requests) = kind { requests } else { [] }
    }
}
