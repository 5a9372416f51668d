// What a watch is told of a group: one call for the group where it failed, and one for each member while it traces.

extension CallWatch {
    /// Tells of a group that was executed.
    func finished(_ requests: [StoreRequest], _ replies: [Result<StoreReply, StoreError>], took: Duration) {
        if isTracing {
            finished(FinishedCall(.store, "group", count: requests.count, took: took))
            for (request, reply) in zip(requests, replies) {
                if case .success(let reply) = reply {
                    finished(
                        FinishedCall(
                            .store, request.name, record: request.records.first, count: max(request.records.count, 1),
                            took: took, outcome: reply.outcome))
                }
            }
        }
        // One outage, however many requests met it.
        var told: Set<StoreError.Code> = []
        for (request, reply) in zip(requests, replies) {
            guard case .failure(let error) = reply, isTracing || told.insert(error.code).inserted else { continue }
            finished(
                FinishedCall(
                    .store, request.name, record: request.records.first, count: max(request.records.count, 1),
                    took: took, failure: .init(error)))
        }
    }
}

extension StoreRequest {
    /// The case's word.
    var name: String {
        switch self {
        case .seal: "seal"
        case .commit: "commit"
        case .deliver: "deliver"
        case .append: "append"
        case .trim: "trim"
        case .submit: "submit"
        case .decide: "decide"
        }
    }
}

extension StoreReply {
    /// What came of the request, in one word.
    var outcome: String {
        switch self {
        case .seal(.sealed): "sealed"
        case .seal(.stale): "stale"
        case .commit(.committed): "committed"
        case .commit(.refused): "refused"
        case .commit(.decided): "decided"
        case .commit(.storeRestored): "storeRestored"
        case .deliver(.delivered): "delivered"
        case .deliver(.duplicate): "duplicate"
        case .deliver(.conflict): "conflict"
        case .deliver(.full): "full"
        case .append(.appended): "appended"
        case .append(.full): "full"
        case .trim: "trimmed"
        case .submit: "submitted"
        case .decide(let verdict): verdict.rawValue
        }
    }
}
