/// A change that can be delivered to a profile whether or not it is open anywhere.
///
/// It takes effect at most once for ever, named by the id it is delivered with; its effect and its receipt
/// commit together. Side effects belong after the commit: in the `onApplied` that its collection's options are given,
/// or in a ``SessionObserver``. One that delivers further operations is a ``DeliveringOperation``.
///
///     struct GrantCoins: ProfileOperation {
///         static let name = "grant.coins"
///         var coins: Int
///         func apply(to player: inout Player) throws { player.coins += coins }
///     }
public protocol ProfileOperation<Document>: DeliverableOperation {
    /// The document type that ``apply(to:)`` takes.
    associatedtype Document
    /// Changes the document; pure and synchronous. A throw leaves the document as it was and counts as a failed
    /// attempt, which ``OperationPolicy`` follows with a pause or a dead letter; an ``OperationRefusal`` is not tried
    /// again.
    func apply(to document: inout Document) throws
}
