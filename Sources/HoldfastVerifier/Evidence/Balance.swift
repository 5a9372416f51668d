/// The coins of one player, or in the chest of one world, and where they came from.
///
/// The demo only ever adds to the four sources and to what was built, so each grows from version to version.
struct Balance: Equatable {
    var coins: Int64 = 0
    var earned: Int64 = 0
    var rewarded: Int64 = 0
    var tradedIn: Int64 = 0
    var tradedOut: Int64 = 0
    /// How often a world was built on; nil for a player.
    var builds: Int64?

    /// What a player has before the first save.
    static let zero = Balance()

    private init() {}

    /// Takes the members of a document or of a `saved` line.
    init(_ object: JSONObject) throws(JSONFailure) {
        coins = try object.integer("coins")
        earned = try object.integer("earned")
        rewarded = try object.integer("rewarded")
        tradedIn = try object.integer("tradedIn")
        tradedOut = try object.integer("tradedOut")
        builds = try object.optionalInteger("builds")
    }

    /// Whether the coins are what the sources add up to, and not below zero.
    var isSound: Bool {
        coins >= 0 && Int128(coins) == Int128(earned) + Int128(rewarded) + Int128(tradedIn) - Int128(tradedOut)
    }

    /// Whether one of the sources is lower than in an `earlier` version.
    func fellBehind(_ earlier: Balance) -> Bool {
        earned < earlier.earned || rewarded < earlier.rewarded || tradedIn < earlier.tradedIn
            || tradedOut < earlier.tradedOut || (builds ?? 0) < (earlier.builds ?? 0)
    }

    /// The numbers, for a problem's sentence.
    var summary: String {
        "coins \(coins) (earned \(earned), rewarded \(rewarded), traded in \(tradedIn), out \(tradedOut))"
            + (builds.map { ", built on \($0) times" } ?? "")
    }
}
