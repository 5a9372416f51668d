/// The document of one demo player.
///
/// Always `coins = earned + rewarded + tradedIn - tradedOut`.
struct DemoPlayer: Codable, Sendable, Equatable {
    /// A purse or a chest has not so many coins.
    struct TooPoor: Error {}

    struct Place: Codable, Sendable, Equatable {
        var x = 0
        var y = 0
    }

    var name: String
    var coins = 0
    var earned = 0
    var rewarded = 0
    /// How often an operation has brought coins.
    var rewards = 0
    var tradedIn = 0
    var tradedOut = 0
    /// How many edits play has made.
    var edits = 0
    var level = 1
    var place = Place()
    var bag: [String: Int] = [:]

    init(name: String) {
        self.name = name
    }

    /// One step of play: walk, find something, earn a little.
    mutating func play(using generator: inout some RandomNumberGenerator) {
        edits += 1
        place.x += Int.random(in: -3...3, using: &generator)
        place.y += Int.random(in: -3...3, using: &generator)
        let find = Self.finds[Int.random(in: 0..<Self.finds.count, using: &generator)]
        bag[find, default: 0] += 1
        let coins = Int.random(in: 1...9, using: &generator)
        earned += coins
        self.coins += coins
        level = 1 + earned / 500
    }

    /// Takes coins that an operation brings.
    mutating func reward(_ amount: Int) {
        coins += amount
        rewarded += amount
        rewards += 1
    }

    /// Gives coins to another record, or takes them where `amount` is negative.
    mutating func pay(_ amount: Int) throws {
        guard coins >= amount else { throw TooPoor() }
        coins -= amount
        if amount > 0 { tradedOut += amount } else { tradedIn -= amount }
    }

    private static let finds = [
        "amber", "basalt", "clay", "copper", "flint", "herbs", "iron", "moss", "opal", "pearl", "resin", "wool",
    ]
}
