import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import Synchronization

/// One season of one board in Redis.
///
/// Every write is fast. An index that the store feeds is a copy: what it lacks is lost and can be loaded again.
final class BoardIndex: Sendable {
    /// Names one season of one board; another generation is another index.
    struct Address: Hashable, Sendable {
        let board: String
        let season: String
        let generation: RandomID

        /// The name that its keys bear; the generation at its end tells everything apart.
        var name: String { "\(board).\(season).\(generation)" }
    }

    /// What scripts of one shard work on.
    struct Shard: Sendable {
        /// Ranks and members, and levels where the rules keep them.
        let keys: [[UInt8]]
        /// Ranks and members.
        let plainKeys: [[UInt8]]
        /// All that may be there, for making and dropping.
        let allKeys: [[UInt8]]
    }

    let address: Address
    let rules: BoardRules
    /// Whether the store feeds it, so that Redis may lack it only by a loss.
    let isProjected: Bool
    let order: BoardOrder
    let shards: [Shard]
    let pages: BoardPages
    let context: MemoryStore.Context
    private let isReplacement: Bool
    /// Whether the board was found to hold more than scores.
    let isMarked = Atomic(false)
    /// What the scripts that are called most begin with.
    let heads: Heads

    struct Heads: Sendable {
        let locate: [RedisArgument]
        /// Without ranks and with them; the operator follows.
        let submit: [RedisArgument], submitRanked: [RedisArgument]
    }

    /// Names a season; touches nothing.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput` for names and rules that no board has.
    convenience init(
        _ context: MemoryStore.Context, _ address: Address, rules: BoardRules, isProjected: Bool, pages: BoardPages
    ) throws(MemoryStoreError) {
        try BoardName.check(address.board)
        try BoardName.check(address.season, what: "a season's name")
        try rules.check()
        self.init(context, address, rules, isProjected: isProjected, isReplacement: false, pages)
    }

    private init(
        _ context: MemoryStore.Context, _ address: Address, _ rules: BoardRules, isProjected: Bool,
        isReplacement: Bool, _ pages: BoardPages
    ) {
        self.context = context
        self.address = address
        self.rules = rules
        self.isProjected = isProjected
        self.isReplacement = isReplacement
        self.pages = pages
        order = BoardOrder(rules)
        let style = rules.ranks.rawValue
        let create: RedisArgument = isProjected ? 0 : 1
        heads = Heads(
            locate: [.string(order.text), "members", .string(style)],
            submit: [.string(order.text), create, ""], submitRanked: [.string(order.text), create, .string(style)])
        let prefix = isReplacement ? "next-" : ""
        shards = (0..<rules.shards).map { shard in
            // The first one bears the name of a board without shards, so that the two are told apart by their rules.
            let keys = context.keys.keys("board", address.name, shard: shard == 0 ? nil : shard)
            let all = [keys[prefix + "ranks"], keys[prefix + "members"], keys[prefix + "levels"]]
            let plain = Array(all.prefix(2))
            return Shard(keys: rules.ranks == .dense ? all : plain, plainKeys: plain, allKeys: all)
        }
    }

    /// The same season under other keys, to be filled aside; see ``promoteReplacement(atLeast:)``.
    var replacement: BoardIndex {
        BoardIndex(context, address, rules, isProjected: true, isReplacement: true, pages)
    }

    /// The shard that a member belongs to.
    func shard(of member: Key) -> Int {
        rules.shards == 1 ? 0 : Int(StableHash.of(member.bytes) % UInt64(rules.shards))
    }

    // MARK: Calling

    /// Runs a script on one shard.
    ///
    /// - Throws: ``MemoryStoreError``; `ABSENT` is an error where the store feeds the board.
    func call(
        _ script: Script, _ keys: [[UInt8]], _ arguments: [RedisArgument], lane: RedisLane = .session
    ) async throws(MemoryStoreError) -> ScriptReply {
        let reply = try ScriptReply(
            board: script, try await context.evaluate(script, keys: keys, arguments, lane: lane),
            isProjected: isProjected)
        if isProjected, reply.code == "ABSENT" {
            BoardMetrics.notLoaded.increment()
            throw .boardNotLoaded
        }
        return reply
    }

    /// Does the same on some shards at a time; answers in the order of `shards`.
    func onEach<Answer: Sendable>(
        _ shards: [Int], _ body: @escaping @Sendable (Int) async throws(MemoryStoreError) -> Answer
    ) async throws(MemoryStoreError) -> [Answer] {
        if shards.count == 1 { return [try await body(shards[0])] }
        let answers = await withTaskGroup(of: (Int, Result<Answer, MemoryStoreError>).self) { group in
            for (place, shard) in shards.enumerated() {
                group.addTask { await Self.answer(place, shard, body) }
            }
            return await group.reduce(into: [Result<Answer, MemoryStoreError>?](repeating: nil, count: shards.count)) {
                $0[$1.0] = $1.1
            }
        }
        var values: [Answer] = []
        for answer in answers {
            guard let answer else { throw MemoryStoreError(.internalError, "a shard gave no answer") }
            values.append(try answer.get())
        }
        return values
    }

    private static func answer<Answer: Sendable>(
        _ place: Int, _ shard: Int, _ body: @Sendable (Int) async throws(MemoryStoreError) -> Answer
    ) async -> (Int, Result<Answer, MemoryStoreError>) {
        do throws(MemoryStoreError) {
            let value = try await body(shard)
            return (place, .success(value))
        } catch {
            return (place, .failure(error))
        }
    }
}

/// Redis lacks a board that the store has: it was lost, or not loaded yet.
struct BoardNotLoaded: Error {}

extension MemoryStoreError {
    static var boardNotLoaded: MemoryStoreError {
        MemoryStoreError(
            .unavailable, "Redis does not have this board; it is to be loaded from the store",
            underlying: BoardNotLoaded())
    }

    /// Whether loading the board from the store mends it.
    var isBoardNotLoaded: Bool { underlying is BoardNotLoaded }
}

extension MemoryStore {
    /// One season of one board.
    ///
    /// - Parameter isProjected: Whether the store feeds it; else Redis alone has it.
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    func boardIndex(
        _ address: BoardIndex.Address, rules: BoardRules, isProjected: Bool
    ) throws(MemoryStoreError) -> BoardIndex {
        try BoardIndex(context, address, rules: rules, isProjected: isProjected, pages: boardPages)
    }
}
