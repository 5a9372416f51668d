/// One season of a board, from a reset to the next.
public struct Season: Sendable, Hashable, Comparable {
    /// Names it: its first instant in milliseconds since 1970, UTC; 0 on a board without resets.
    public let id: Int64
    /// Milliseconds since 1970, UTC, of the next season's first instant; nil when there is none.
    public let endsAtMillis: Int64?

    /// The older season first.
    public static func < (left: Season, right: Season) -> Bool { left.id < right.id }
}
