/// The player's character; the names of its fields are those of documents from before.
struct Character: Codable, Sendable, Equatable {
    struct Stats: Codable, Sendable, Equatable {
        var hp = 100
        var strength = 10
        var defense = 10

        private enum CodingKeys: String, CodingKey {
            case hp = "Hp", strength = "Strength", defense = "Defense"
        }
    }

    var id: String
    var name = "DefaultName"
    var race = "RealitySeed"
    var stage = "Fledgeling"
    var level = 1
    var stats = Stats()
    var moves = ["BasicAttack"]
    /// By the part that it belongs to: hair, cloak.
    var appearance: [String: String] = [:]
    /// The races that it has been, the first one first.
    var history = ["RealitySeed"]

    init(id: String) {
        self.id = id
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case name = "Name", race = "Race", stage = "Stage", level = "Level", stats = "Stats", moves = "Moves"
        case appearance = "Appearance", history = "History"
    }

    mutating func evolve(to race: String) {
        self.race = race
        history.append(race)
    }
}
