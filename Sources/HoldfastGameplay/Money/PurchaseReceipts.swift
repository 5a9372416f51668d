/// The purchases that a document has seen: each is processed once, for ever.
///
/// Two receipts guard a purchase. Deliver it as an operation whose id is the purchase's: the store then keeps the
/// operation's receipt for ever, and a platform that reports the purchase again gets the same answer. These receipts
/// are the second guard, inside the document, for purchases that reach it on other ways as well; they also show the
/// player what was bought lately.
///
/// ```swift
/// struct Purchase: ProfileOperation {
///     static let name = "purchase"
///     var id: String, product: String, purchasedAtMillis: Int64
///
///     func apply(to player: inout Player) throws {
///         guard try player.purchases.record(id, product: product, purchasedAt: purchasedAtMillis) else { return }
///         try player.wallet.deposit(500, of: .gems)
///     }
/// }
/// try await players.deliver(purchase, to: key, id: "purchase:\(purchase.id)")
/// ```
///
/// Only the ``capacity`` latest purchases are kept. Whatever is as old as one that was dropped is refused as `tooOld`
/// rather than processed a second time; that it was processed, the operation's receipt still says.
public struct PurchaseReceipts: Hashable, Sendable, Codable {
    /// One purchase that was processed.
    public struct Receipt: Hashable, Sendable, Codable {
        /// The platform's name of the purchase.
        public let id: String
        /// What was bought.
        public let product: String
        /// When it was bought, in milliseconds since 1970.
        public let purchasedAtMillis: Int64
    }

    /// How many purchases are kept: 100.
    public static var capacity: Int { 100 }

    /// What was processed lately, in the order in which it was bought.
    public private(set) var kept: [Receipt] = []
    /// The latest time of purchase among those that were dropped; nil when none was.
    public private(set) var droppedUpToMillis: Int64?

    /// Makes an empty list.
    public init() {}

    /// Records a purchase, unless it was processed before.
    ///
    /// - Parameters:
    ///   - id: The platform's name of the purchase: 1 to 200 bytes, compared by bytes.
    ///   - product: What was bought: at most 200 bytes.
    ///   - purchasedAt: When it was bought, as the platform says: the same at every repetition.
    /// - Returns: True for the first time: give the player what was bought, in this very edit. False for a repetition.
    /// - Throws: ``GameplayError``: `tooOld`, `badInput`.
    public mutating func record(
        _ id: String, product: String, purchasedAt purchasedAtMillis: Int64
    ) throws(GameplayError) -> Bool {
        guard (1...200).contains(id.utf8.count), product.utf8.count <= 200 else {
            throw GameplayError(.badInput, "a purchase's id has 1 to 200 bytes, its product at most 200")
        }
        try Checks.time(purchasedAtMillis)
        guard !kept.contains(where: { $0.id.utf8.elementsEqual(id.utf8) }) else { return false }
        if let droppedUpToMillis, purchasedAtMillis <= droppedUpToMillis {
            throw GameplayError(
                .tooOld, "the receipts reach back to \(droppedUpToMillis), the purchase to \(purchasedAtMillis)")
        }
        let place = kept.firstIndex { $0.purchasedAtMillis > purchasedAtMillis } ?? kept.endIndex
        kept.insert(Receipt(id: id, product: product, purchasedAtMillis: purchasedAtMillis), at: place)
        if kept.count > Self.capacity { droppedUpToMillis = kept.removeFirst().purchasedAtMillis }
        return true
    }
}
