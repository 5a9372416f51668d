/// An operation that changes a profile and delivers further operations to others, all in one commit.
///
/// Where it is cancelled or fails, nothing is delivered; where it is applied, everything is.
///
///     struct Invited: DeliveringOperation {
///         static let name = "invited"
///         var by: Int
///         func apply(to player: inout Player, delivering outbox: inout Outbox) throws {
///             player.coins += 10
///             try outbox.deliver(GrantCoins(coins: 5), to: Key(by), in: "players", id: "inviting:\(player.number)")
///         }
///     }
public protocol DeliveringOperation<Document>: DeliverableOperation {
    /// The document type that ``apply(to:delivering:)`` takes.
    associatedtype Document
    /// Changes the document and names what the commit delivers; pure and synchronous.
    ///
    /// A throw is treated as that of ``ProfileOperation/apply(to:)``. It may run more than once before its commit
    /// stands, so ids follow from the operation and the document. At most ``Outbox/maximumCount`` operations.
    func apply(to document: inout Document, delivering outbox: inout Outbox) throws
}
