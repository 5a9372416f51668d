import HoldfastProfiles
import HoldfastStorage
import Synchronization

/// Fails until the player has a key.
struct OpenChest: ProfileOperation {
    static let name = "open.chest"
    var coins: Int
    struct Locked: Error {}

    func apply(to player: inout Player) throws {
        guard player.inventory.contains("key") else { throw Locked() }
        player.coins += coins
    }
}

/// Never succeeds without a ticket, and says so at once.
struct Enter: ProfileOperation {
    static let name = "enter"

    func apply(to player: inout Player) throws {
        guard player.inventory.contains("ticket") else { throw OperationRefusal("no ticket") }
        player.rewards += 1
    }
}

/// Ten coins a day, for some days.
struct PayWages: SteppedOperation {
    static let name = "pay.wages"
    var days: Int
    var pauseSeconds = 0

    mutating func step(_ player: inout Player) throws -> OperationStep {
        if days == 13 { throw OpenChest.Locked() }
        player.coins += 10
        days -= 1
        return days > 0 ? .again(after: .seconds(pauseSeconds)) : .done
    }
}

/// A clock that only a test moves.
final class StoreClock: Sendable {
    private let millis = Mutex<Int64>(1_000_000)
    var now: Int64 { millis.withLock { $0 } }
    func advance(seconds: Int64) { millis.withLock { $0 += seconds * 1_000 } }
}

extension Server {
    /// A collection that handles the operations of this file.
    func shop(
        _ policy: OperationPolicy = OperationPolicy(), unknown: UnknownOperations = .keep,
        onPaid: (@Sendable (PayWages, AppliedOperation) -> Void)? = nil,
        change: (inout CollectionOptions<Player>) -> Void = { _ in }
    ) throws -> ProfileCollection<Player> {
        var options = CollectionOptions<Player> { _ in Player() }
        options.unknownOperations = unknown
        try options.handle(OpenChest.self, policy: policy)
        try options.handle(Enter.self, policy: policy)
        try options.handle(PayWages.self, policy: policy, onApplied: onPaid)
        change(&options)
        return try coordinator.collection("shop", of: Player.self, options: options)
    }
}

extension ProfileCollection {
    func state(_ id: String, of key: Key = Key(1)) async throws -> OperationState? {
        try await operation(id, of: key)?.state
    }
}
