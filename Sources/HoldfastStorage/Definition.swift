/// A small versioned document that a deployment keeps about itself: a board and its seasons, a tournament.
public struct Definition: Sendable, Equatable {
    /// The largest value: 64 KiB.
    public static let maximumValueBytes = 65_536

    /// What it defines and its name, `board:arena` for example.
    public var name: SpaceName
    /// Counts its writes from 1, over removals too: a version never stands for two values.
    public var version: Int64
    /// Canonical JSON, 1 to ``maximumValueBytes``.
    public var value: [UInt8]
    /// Milliseconds since 1970, UTC, of the last write.
    public var updatedAtMillis: Int64

    /// Joins the columns of one definition; checks nothing.
    public init(name: SpaceName, version: Int64, value: [UInt8], updatedAtMillis: Int64) {
        self.name = name
        self.version = version
        self.value = value
        self.updatedAtMillis = updatedAtMillis
    }
}

/// What became of a conditional write of a ``Definition``.
public enum DefinitionOutcome: Sendable, Equatable {
    /// Written; the version that it has now, or 0 when it was removed.
    case stored(version: Int64)
    /// Another version stands there; nil when there is none.
    case conflict(Definition?)
}
