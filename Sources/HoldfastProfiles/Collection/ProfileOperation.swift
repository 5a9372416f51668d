/// A change that can be delivered to a profile whether or not it is open anywhere.
///
/// It takes effect at most once for ever, named by the id it is delivered with; its effect and its receipt
/// commit together. Side effects belong after the commit, in a ``SessionObserver``.
///
///     struct GrantCoins: ProfileOperation {
///         static let name = "grant.coins"
///         var coins: Int
///         func apply(to player: inout Player) throws { player.coins += coins }
///     }
public protocol ProfileOperation<Document>: Codable, Sendable {
    associatedtype Document
    /// The stable name of the type: it is stored, so it outlives a rename of the Swift type. 1 to 100 bytes.
    static var name: String { get }
    /// Changes the document; pure and synchronous. A throw leaves the document as it was and counts as a failed
    /// attempt; after ``CollectionOptions/maximumAttempts`` the operation becomes a dead letter.
    func apply(to document: inout Document) throws
}
