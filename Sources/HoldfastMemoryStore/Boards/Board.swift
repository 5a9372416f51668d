import HoldfastStorage

/// A leaderboard: members in the order of their scores.
///
/// Reading asks Redis, and is as fresh as Redis is. Writing is fast or durable, as the first line of each call says:
/// a fast score is lost with Redis unless it was journalled before.
///
/// A board stands for its current season; one that was made for an earlier season reads that one.
public struct Board: Sendable {
    /// How old a page may be that ``top(_:after:scores:details:maximumAge:)`` gives away: half a second.
    public static let defaultAge: Duration = .milliseconds(500)
    /// The most rows of a page, and the most members of ``ranks(of:)``.
    public static let maximumRows = 1_000
    /// The most rows around a member.
    public static let maximumRowsAround = 100

    /// The board's name.
    public let name: String
    /// What it ranks by.
    public let rules: BoardRules
    let source: any BoardSource

    /// Works on the current season, and once more when Redis lost it.
    func withIndex<Result>(
        _ body: (BoardIndex) async throws(MemoryStoreError) -> Result
    ) async throws(MemoryStoreError) -> Result {
        let index = try await source.index()
        do {
            return try await body(index)
        } catch {
            guard error.isBoardNotLoaded else { throw error }
        }
        try await source.load(index)
        return try await body(index)
    }
}

/// What stands behind a board.
protocol BoardSource: Sendable {
    /// Whether Redis alone has the board, so that what is changed there alone stays changed.
    var isRedisOnly: Bool { get }

    /// The season that reads and writes go to now.
    func index() async throws(MemoryStoreError) -> BoardIndex

    /// Brings back an index that Redis lost; the call that met the loss is then repeated once.
    func load(_ index: BoardIndex) async throws(MemoryStoreError)

    /// Asked before fast scores of so many members go to Redis.
    ///
    /// - Throws: ``MemoryStoreError`` where the season takes none.
    func admitFast(_ count: Int, to index: BoardIndex) async throws(MemoryStoreError)

    /// Told of fast scores that Redis has acknowledged.
    func accepted(_ submissions: [BoardSubmission], by index: BoardIndex) async throws(MemoryStoreError)
}

/// A board that Redis alone has, of one season that never ends.
struct RedisOnlySource: BoardSource {
    let only: BoardIndex
    var isRedisOnly: Bool { true }

    func index() async throws(MemoryStoreError) -> BoardIndex { only }
    func load(_ index: BoardIndex) async throws(MemoryStoreError) {}
    func admitFast(_ count: Int, to index: BoardIndex) async throws(MemoryStoreError) {}
    func accepted(_ submissions: [BoardSubmission], by index: BoardIndex) async throws(MemoryStoreError) {}
}

extension MemoryStore {
    /// A board that Redis alone has: fast, and gone when Redis forgets it.
    ///
    /// Every process that uses the name must state the same rules; others are refused at the first call.
    ///
    /// - Parameters:
    ///   - name: 1 to 128 bytes of UTF-8 without control characters.
    ///   - rules: What it ranks by.
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    public func board(_ name: String, rules: BoardRules) throws(MemoryStoreError) -> Board {
        let address = BoardIndex.Address(board: name, season: "all", generation: RandomID(high: 0, low: 0))
        let index = try boardIndex(address, rules: rules, isProjected: false)
        return Board(name: name, rules: rules, source: RedisOnlySource(only: index))
    }
}
