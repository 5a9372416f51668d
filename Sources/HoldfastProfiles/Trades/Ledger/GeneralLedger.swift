import HoldfastStorage

/// A deployment's book of who got what from whom: durable postings that go with the commit of what they describe.
///
/// Every posting adds up to nothing, so all balances together do, always. It is booked by the transaction that moves
/// the money, or by the commit that decides a trade: both are on disk, or neither.
///
///     let ledger = try GeneralLedger("coins", coordinator)
///     try await coordinator.transaction(over: [ada, ben]) { scope in
///         try scope.edit(ada) { $0.coins -= 50 }
///         try scope.edit(ben) { $0.coins += 50 }
///         try scope.post(.transfer(50, from: "player:1", to: "player:2", reason: "gift"), to: ledger)
///     }
///
/// The store has its postings in 16 logs by account, since it writes one log one commit at a time.
public struct GeneralLedger: Sendable {
    /// The most characters of a name.
    public static var maximumNameLength: Int { CollectionName.maximumLength }
    /// The most postings of one transaction or trade.
    public static let maximumPostings = 16
    static let shards = 16

    /// What it is the ledger of: `coins`, `gems`.
    public let name: String
    let host: SessionHost

    /// Names a ledger; contacts nobody.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` unless the name has 1 to ``maximumNameLength`` of the characters
    ///   `A–Z a–z 0–9 _ . -`.
    public init(_ name: String, _ coordinator: Coordinator) throws(ProfileError) {
        do {
            self.name = try CollectionName(name).description
        } catch {
            throw ProfileError(error)
        }
        host = coordinator.host
    }

    static func log(_ name: String, shard: Int) throws(ProfileError) -> SpaceName {
        do {
            return try SpaceName("ledger:\(name):\(shard)")
        } catch {
            throw ProfileError(error)
        }
    }

    /// Where the postings of an account are.
    static func shard(of account: String) -> Int {
        Int(RandomID(hashing: account).low % UInt64(shards))
    }

    /// What a commit appends for postings, each to the logs of all its accounts.
    static func entries(_ postings: [TradePosting]) throws(ProfileError) -> [AppendRequest] {
        var appends: [SpaceName: AppendRequest] = [:]
        for booked in postings {
            let (ledger, posting) = (booked.ledger, try booked.checked())
            let value: [UInt8]
            do {
                value = try CanonicalJSON.write(try DocumentEncoder().encode(posting.stored))
            } catch {
                throw ProfileError(.badInput, "the posting cannot be stored: \(error)", underlying: error)
            }
            for shard in Set(posting.lines.map { Self.shard(of: $0.account) }) {
                let log = try Self.log(ledger, shard: shard)
                appends[log, default: AppendRequest(log: log, entries: [])].entries
                    .append(.init(id: posting.id, value: value))
            }
        }
        let count = appends.values.reduce(0) { $0 + $1.entries.count }
        guard count <= CommitRequest.maximumEntries else {
            throw ProfileError(.badInput, "too many postings for one commit: \(postings.count)")
        }
        return appends.values.sorted { $0.log < $1.log }
    }

    static var tooMany: ProfileError {
        ProfileError(.badInput, "at most \(maximumPostings) postings go with one commit")
    }
}

/// A posting and the ledger that it is for, as a trade carries it.
struct TradePosting: Codable, Sendable, Equatable {
    let ledger: String
    private let id: String
    private let stored: Posting.Stored

    init(ledger: String, posting: Posting) {
        self.ledger = ledger
        id = "\(posting.id)"
        stored = posting.stored
    }

    func checked() throws(ProfileError) -> Posting {
        guard let id = RandomID(hex: id) else { throw ProfileError(.corrupt, "a posting has no id") }
        let posting = Posting(stored: stored, id: id)
        if let problem = posting.problem { throw ProfileError(.corrupt, "a posting \(problem)") }
        return posting
    }
}
