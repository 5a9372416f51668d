/// A value that can be delivered to a profile: a ``ProfileOperation``, ``DeliveringOperation`` or ``SteppedOperation``.
public protocol DeliverableOperation<Document>: Codable, Sendable {
    /// The document type of the collections that it is delivered to.
    associatedtype Document
    /// The stable name of the type: it is stored, so it outlives a rename of the Swift type. 1 to 100 bytes.
    static var name: String { get }
}
