/// What the Sentinels answered when they were asked for the master, and which answer to believe.
///
/// Pure. A Sentinel that was cut off may name yesterday's master, so the answer with most votes is tried first; where
/// that one turns out to be no master, the others follow.
struct SentinelVote {
    typealias Address = RedisConfiguration.Address

    /// One Sentinel's answer.
    enum Answer: Sendable, Equatable {
        case master(Address)
        /// It does not know the name.
        case unknownName
        case failure(RedisError.Code, String)
    }

    private let sentinels: Int
    private let name: String
    private var answers: [Answer] = []

    /// Counts the answers of so many Sentinels about a name.
    init(sentinels: Int, name: String) {
        self.sentinels = sentinels
        self.name = name
    }

    mutating func add(_ answer: Answer) {
        answers.append(answer)
    }

    /// Whether more than half of all agree, so that nobody else needs to be waited for.
    var isDecided: Bool {
        ranked.first.map { $0.votes * 2 > sentinels } ?? false
    }

    /// The address to try after so many failed attempts in a row.
    ///
    /// - Throws: ``RedisError``: `badInput` for a name that nobody knows, `denied` where all refuse us, otherwise
    ///   `unavailable`.
    func master(failures: Int) throws(RedisError) -> Address {
        let ranked = ranked
        if !ranked.isEmpty { return ranked[failures % ranked.count].address }
        if answers.contains(.unknownName) {
            throw RedisError(.badInput, "no Sentinel knows a master named \(name)")
        }
        var reasons: [String] = []
        var isDenied = !answers.isEmpty
        for case .failure(let code, let reason) in answers {
            if !reasons.contains(reason) { reasons.append(reason) }
            isDenied = isDenied && code == .denied
        }
        throw RedisError(
            isDenied ? .denied : .unavailable,
            "none of \(sentinels) Sentinels names the master: \(reasons.joined(separator: "; "))")
    }

    /// Every address that was named, most votes first, then in the order of the answers.
    private var ranked: [(address: Address, votes: Int)] {
        var ranked: [(address: Address, votes: Int)] = []
        for case .master(let address) in answers {
            if let index = ranked.firstIndex(where: { $0.address == address }) {
                ranked[index].votes += 1
            } else {
                ranked.append((address, 1))
            }
        }
        let order = ranked.enumerated().sorted { ($1.element.votes, $0.offset) < ($0.element.votes, $1.offset) }
        return order.map(\.element)
    }
}
