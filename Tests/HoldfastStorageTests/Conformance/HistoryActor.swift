import HoldfastStorage

// What tests of parts, history and people ask of a store, with errors of any type as `#expect` wants them.

extension DurableStore {
    func commit(_ request: CommitRequest) async throws -> CommitOutcome {
        guard case .commit(let outcome)? = try await execute([.commit(request)]).first else { throw Unexpected() }
        return outcome
    }

    func decide(_ trade: RandomID, _ verdict: Decision.Verdict) async throws -> Decision.Verdict {
        let decision = Decision(trade: trade, verdict: verdict)
        guard case .decide(let standing)? = try await execute([.decide(decision)]).first else { throw Unexpected() }
        return standing
    }

    func parts(
        of id: RecordID, _ prefix: [UInt8] = [], after: PartName? = nil, limit: Int = 1_000
    ) async throws -> [Part] {
        try await parts(of: id, startingWith: prefix, after: after, limit: limit)
    }

    func kept(_ id: RecordID, before version: Int64? = nil, limit: Int = 1_000) async throws -> [HistoryEntry] {
        try await history(of: id, before: version, limit: limit)
    }

    func records(of user: String, after: RecordID? = nil, limit: Int = 1_000) async throws -> [RecordID] {
        try await records(ofUser: user, after: after, limit: limit)
    }
}

extension StoreActor {
    /// Saves and goes on with the new version.
    mutating func saved(
        _ store: any DurableStore, _ text: String, userIDs: [String] = [], parts: [PartWrite] = [],
        keeps: KeepRule = .hourly
    ) async throws {
        var write = write(.content(try content(text, userIDs: userIDs)))
        (write.parts, write.keeps) = (parts, keeps)
        guard try await store.commit([write]) == .committed else { throw Unexpected() }
        version += 1
    }

    /// Deletes; whoever goes on must seal again.
    mutating func deleted(_ store: any DurableStore, keeps: KeepRule = .hourly) async throws {
        var write = write(.tombstone)
        write.keeps = keeps
        guard try await store.commit([write]) == .committed else { throw Unexpected() }
        version += 1
        token += 2
    }
}

/// A part that holds its own name and a text.
func part(_ name: String, _ text: String? = "x") throws -> PartWrite {
    PartWrite(name: try PartName(name), payload: text.map { PartPayload(Array("\(name) \($0)".utf8)) })
}

extension Part {
    var text: String { String(decoding: payload.bytes, as: UTF8.self) }
}
