import HoldfastStorage

/// One session's view of one record, with the requests that a session makes.
struct StoreActor: Sendable {
    var id: RecordID
    var owner = Owner(nonce: .random(), server: "server-1", boot: .random())
    var token: Int64 = 1
    var version: Int64 = 0

    init(_ key: String = "player", in collection: String = "players", token: Int64 = 1) throws {
        self.id = RecordID(collection: try CollectionName(collection), key: try Key(key))
        self.token = token
    }

    /// Another session of the same record.
    func rival(token: Int64) -> StoreActor {
        var rival = self
        rival.owner = Owner(nonce: .random(), server: "server-2", boot: .random())
        rival.token = token
        return rival
    }

    func seal(
        _ store: any DurableStore, condition: SealRequest.Condition = .supersede, hot: HotReference? = nil
    ) async throws -> SealOutcome {
        let request = SealRequest(id: id, token: token, owner: owner, condition: condition, hot: hot)
        guard case .seal(let outcome)? = try await store.execute([.seal(request)]).first else { throw Unexpected() }
        return outcome
    }

    func write(
        _ change: RecordWrite.Change, saveID: RandomID = .random(), releases: Bool = false
    ) -> RecordWrite {
        RecordWrite(
            id: id, fence: token, nonce: owner.nonce, version: version, saveID: saveID, change: change,
            releases: releases
        )
    }

    func save(_ store: any DurableStore, _ text: String, saveID: RandomID = .random()) async throws -> CommitOutcome {
        try await store.commit([write(.content(try content(text)), saveID: saveID)])
    }
}

struct Unexpected: Error {}

/// A document with one field.
func content(_ text: String, userIDs: [String] = ["7", "\u{e9}\u{0}"]) throws -> Content {
    let document = try CanonicalJSON.write(["text": .string(text)])
    return Content(
        payload: try Payload.encode(canonical: document), schema: 3, userIDs: userIDs, metadata: Array(#"{"m":1}"#.utf8)
    )
}

extension DurableStore {
    func commit(
        _ writes: [RecordWrite], settlements: [Settlement] = [], deliveries: [Delivery] = []
    ) async throws -> CommitOutcome {
        let request = CommitRequest(writes: writes, settlements: settlements, deliveries: deliveries)
        guard case .commit(let outcome)? = try await execute([.commit(request)]).first else { throw Unexpected() }
        return outcome
    }

    func deliver(_ delivery: Delivery) async throws -> DeliveryOutcome {
        guard case .deliver(let outcome)? = try await execute([.deliver(delivery)]).first else { throw Unexpected() }
        return outcome
    }
}

extension SealOutcome {
    var sealed: SealedRecord? {
        if case .sealed(let record) = self { record } else { nil }
    }

    var stale: RowState? {
        if case .stale(let row) = self { row } else { nil }
    }
}

extension CommitOutcome {
    var refusedRows: [RowState?]? {
        if case .refused(let rows, _) = self { rows } else { nil }
    }

    var settledIDs: [OperationID]? {
        if case .refused(_, let settled) = self { settled } else { nil }
    }
}

func delivery(_ id: String, to record: RecordID, payload: String = #"{"coins":1}"#, type: String = "reward") throws
    -> Delivery
{
    Delivery(record: record, id: try OperationID(id), type: type, payload: Array(payload.utf8))
}
