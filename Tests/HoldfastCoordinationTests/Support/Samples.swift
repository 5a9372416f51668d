import HoldfastCoordination
import HoldfastStorage

func record(_ key: String = "42", in collection: String = "players") throws -> RecordID {
    RecordID(collection: try CollectionName(collection), key: try Key(key))
}

func owner(_ server: String = "s1", boot: RandomID = .random()) -> Owner {
    Owner(nonce: .random(), server: server, boot: boot)
}

func request(
    _ id: RecordID, _ owner: Owner, lease: Duration = .seconds(30), floor: Int64 = 0, deadBoot: RandomID? = nil,
    asks: Bool = true
) -> AcquireRequest {
    AcquireRequest(id: id, owner: owner, lease: lease, floor: floor, deadBoot: deadBoot, asksForHandOver: asks)
}

func hotCopy(_ payload: [UInt8] = [1, 0, 255, 13, 10], version: Int64 = 7) -> HotCopy {
    HotCopy(
        reference: HotReference(version: version, saveID: .random(), checksum: .max), payload: payload,
        documentBytes: 4_711
    )
}

/// What readers without a lease are told of a copy.
func facts(
    since confirmedAt: ContinuousClock.Instant = .now, userIDs: [String] = ["42", "cafe\u{301}"],
    metadata: [UInt8]? = Array(#"{"rank":"gold"}"#.utf8)
) -> HotCopyFacts {
    HotCopyFacts(
        confirmedAt: confirmedAt, schema: 3, fence: (1 << 53) - 1, userIDs: userIDs, metadata: metadata,
        createdAtMillis: 1_700_000_000_000, updatedAtMillis: 1_700_000_000_001)
}

extension LeaseClaim {
    init(_ id: RecordID, _ owner: Owner) {
        self.init(id: id, nonce: owner.nonce)
    }
}

extension AcquireReply {
    /// Nil when held by another.
    var token: Int64? {
        if case .acquired(let token, _, _) = self { token } else { nil }
    }
    var hot: HotCopy? {
        if case .acquired(_, let hot, _) = self { hot } else { nil }
    }
    var tookOver: Bool? {
        if case .acquired(_, _, let tookOver) = self { tookOver } else { nil }
    }
    /// Nil when acquired.
    var holder: LeaseDescription? {
        if case .held(let holder) = self { holder } else { nil }
    }
}

/// The code of the error that `body` throws; nil when it throws none, or another kind.
func code(_ body: () async throws -> Void) async -> CoordinationError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? CoordinationError)?.code
    }
}
