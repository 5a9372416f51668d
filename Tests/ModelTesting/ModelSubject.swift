/// A structure under test beside a reference that is plain enough to be right.
///
/// A history is a list of operations that were drawn from a seed. Drawing sees nothing but the generator, so any part
/// of a history is a history too: operations that need something from before ("the page after the last one") say so in
/// words, and do what makes sense where it is missing.
public protocol ModelSubject: Sendable {
    /// One step, printed in a failure as its description.
    associatedtype Operation: Sendable, CustomStringConvertible

    /// Draws a step.
    static func draw(using generator: inout SeededGenerator) -> Operation

    /// Steps that say less than this one, the simplest first, for printing a failure; by default none.
    static func simpler(than operation: Operation) -> [Operation]

    /// Takes a step on both sides and compares what they answer.
    ///
    /// - Throws: Where the two sides differ, usually through ``agree(_:_:_:)``, or whatever must not be thrown.
    mutating func apply(_ operation: Operation) async throws

    /// Compares the two sides once more after the last step; by default nothing.
    mutating func finish() async throws
}

extension ModelSubject {
    /// Knows nothing simpler.
    public static func simpler(than operation: Operation) -> [Operation] { [] }

    /// Compares nothing.
    public mutating func finish() async throws {}
}
