import HoldfastMemoryStore

/// The boards that the servers of a run share, durable all of them.
///
/// The verifier knows their names and rules, too.
enum DemoBoard: String, CaseIterable, Sendable {
    /// The most that a player has earned; whoever got there first comes first.
    case best
    /// The sum of what a player was given for it; equals share a place. It lies in parts.
    case sum
    /// How many rewards a player has, in the commit of the profile itself; equals are counted densely.
    case rewards

    var settings: BoardSettings {
        switch self {
        case .best: BoardSettings(rules: BoardRules(scoreOperator: .best, ties: .first, ranks: .unique))
        case .sum:
            BoardSettings(rules: BoardRules(scoreOperator: .increment, ties: .id, ranks: .competition, shards: 2))
        case .rewards: BoardSettings(rules: BoardRules(scoreOperator: .set, ties: .id, ranks: .dense))
        }
    }

    /// Its name in a run with this collection.
    func name(in collection: String) -> String { "\(collection)-\(rawValue)" }
}
