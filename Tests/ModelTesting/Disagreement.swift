/// Where a structure and its reference differ.
public struct Disagreement: Error, CustomStringConvertible {
    /// What differs, and how.
    public let description: String

    /// Says what differs.
    public init(_ description: String) {
        self.description = description
    }
}

/// Compares what the structure answered with what the reference says.
///
/// - Throws: ``Disagreement`` with both values where they differ.
public func agree<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String = "the answer") throws {
    guard found == wanted else { throw Disagreement("\(what) is \(found), and the reference says \(wanted)") }
}
