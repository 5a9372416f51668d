/// Fields and chunks of one world, as they were at one moment.
///
/// The demo's rules let them determine each other: build `n` puts block `2 + n % 60000` into chunk `n % 3 + 1`, and the
/// chest in chunk 0 holds the coins of the fields. So chunks of another version than the fields show.
struct WorldState {
    /// The number of chunks that are built in.
    static let builtChunks: Int64 = 3

    let builds: Int64
    let coins: Int64
    /// The block of the last build in each chunk that was built in, by the chunk's number.
    var markers: [Int64: Int64] = [:]
    /// The coins in the chest; 0 without one.
    var chest: Int64 = 0
    /// Why a part is none that the demo writes.
    var problem: String?

    init(builds: Int64, coins: Int64) {
        self.builds = builds
        self.coins = coins
    }

    /// Takes what the store has in the end.
    init(_ balance: Balance, _ parts: [StoreImage.Part]) {
        self.init(builds: balance.builds ?? 0, coins: balance.coins)
        for part in parts {
            let (chunk, name) = (part.chunk, part.name)
            let number = name.hasPrefix("chunk/") && name.hasSuffix(",0") ? Int64(name.dropFirst(6).dropLast(2)) : nil
            switch number {
            case 0? where chunk.markers == []: chest = chunk.coins ?? 0
            case let number? where (1...Self.builtChunks).contains(number) && chunk.markers?.count == 1:
                markers[number] = chunk.markers?.first
            default:
                problem = "part \(name) \(chunk.problem.map { "cannot be read: \($0)" } ?? "is none of the demo's")"
            }
        }
    }

    /// Takes what a server found when it opened the world.
    init(_ line: JSONObject) throws(JSONFailure) {
        self.init(builds: try line.integer("builds"), coins: try line.integer("coins"))
        for number in 1...Self.builtChunks { markers[number] = try line.optionalInteger("marker\(number)") }
        chest = try line.integer("chest")
    }

    /// What in the chunks is not of the version of the fields; nil for nothing.
    var tear: String? {
        if let problem { return problem }
        for number in 1...Self.builtChunks {
            let last = builds - (builds + Self.builtChunks - (number - 1)) % Self.builtChunks
            let wanted = last >= 1 ? 2 + last % 60_000 : nil
            guard markers[number] != wanted else { continue }
            let (found, expected) = (Self.text(markers[number]), Self.text(wanted))
            return "after \(builds) builds chunk \(number) has block \(found), not \(expected)"
        }
        return chest == coins ? nil : "the fields count \(coins) coins, the chest has \(chest)"
    }

    private static func text(_ block: Int64?) -> String { block.map(String.init) ?? "none" }
}
