import HoldfastProfiles
import HoldfastStorage
import Synchronization

/// Coins that change hands in a drill; nobody has less than none.
struct DrillCoins: ProfileOperation {
    static let name = "drill.coins"
    var coins: Int64

    func apply(to document: inout JSONValue) throws {
        let sum = (document["coins"]?.int64 ?? 0) + coins
        guard sum >= 0 else { throw OperationRefusal("too poor") }
        document["coins"] = .integer(sum)
    }

    static func options() throws -> CollectionOptions<JSONValue> {
        var options = CollectionOptions<JSONValue> { _ in [:] }
        try options.handle(DrillCoins.self)
        return options
    }
}

/// A duty that fails until it is mended.
final class DrillDuty: Sendable {
    struct Broken: Error {}
    private let isMended = Mutex(false)

    func mend() { isMended.withLock { $0 = true } }

    func turn() throws {
        guard isMended.withLock({ $0 }) else { throw Broken() }
    }
}

/// A reward that a build without it refuses.
struct DrillReward: ProfileOperation {
    static let name = "drill.reward"
    var coins: Int64

    func apply(to document: inout JSONValue) throws {
        document = ["coins": .integer((document["coins"]?.int64 ?? 0) + coins)]
    }

    static func options(refuses: Bool) throws -> CollectionOptions<JSONValue> {
        var options = CollectionOptions<JSONValue> { _ in [:] }
        if refuses {
            try options.handle(Refused.self)
        } else {
            try options.handle(DrillReward.self)
        }
        return options
    }

    private struct Refused: ProfileOperation {
        static let name = DrillReward.name

        func apply(to document: inout JSONValue) throws { throw OperationRefusal("no such reward") }
    }
}
