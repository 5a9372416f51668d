public import HoldfastStorage

/// Something that acts on a player until an instant.
public struct TimedEffect: Hashable, Sendable, Codable {
    /// What an effect does that is given while one of its name is active.
    public enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
        /// Its time begins anew, its stacks stay.
        case refresh
        /// Its duration is added to what is left, its stacks stay.
        case extend
        /// Its duration is added to what is left, its stacks to those that are there.
        case stack
        /// Nothing happens.
        case ignore
        /// It takes the place of the one that is there, also where that would have lasted longer.
        case replace
    }

    /// The most stacks.
    public static var maximumStacks: Int { 1_000_000 }

    /// When it was last given, in milliseconds since 1970.
    public let givenAtMillis: Int64
    /// From when on it does not act any more, in milliseconds since 1970.
    public let endsAtMillis: Int64
    /// How strong it is: 1 to ``maximumStacks``.
    public let stacks: Int
    /// What the game keeps with it, at most 4 KiB of JSON; nil for nothing.
    public let data: JSONValue?

    /// How long it acts from an instant on; zero when it is over.
    public func remaining(at nowMillis: Int64) -> Duration { .milliseconds(max(0, endsAtMillis - nowMillis)) }
}
