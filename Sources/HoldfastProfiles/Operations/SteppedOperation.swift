/// An operation that changes a profile in several steps, each of which commits with what it has changed.
///
/// For work that is too much for one change, or that must wait in between. The value is its own state: what a step
/// changes in it is stored in the commit of that step, so that another server goes on where this one stopped, and no
/// step takes effect twice. Once its first step is committed it can neither be cancelled nor expire.
///
///     struct PayWages: SteppedOperation {
///         static let name = "pay.wages"
///         var days: Int
///         mutating func step(_ player: inout Player) throws -> OperationStep {
///             player.coins += 10
///             days -= 1
///             return days > 0 ? .again(after: .seconds(60)) : .done
///         }
///     }
public protocol SteppedOperation<Document>: DeliverableOperation {
    /// The document type that ``step(_:)`` takes.
    associatedtype Document
    /// Changes the document and itself; pure and synchronous. A throw undoes this step and counts as a failed attempt
    /// of it; steps that are committed stay.
    mutating func step(_ document: inout Document) throws -> OperationStep
}

/// What follows a step.
public enum OperationStep: Sendable, Equatable {
    /// It was the last one: the operation is applied.
    case done
    /// Another one, not before this time has passed; at most 400 days.
    case again(after: Duration = .zero)
}
