/// How long calls of durable boards wait at most for Redis to have what the store has.
package struct BoardWaits: Sendable {
    /// A durable call, after the store has answered.
    package var plain: Duration = .milliseconds(100)
    /// One that asks for ranks.
    package var ranked: Duration = .seconds(1)
    /// The first use of a season by a process.
    package var first: Duration = .seconds(1)

    /// The times that games get: a rank that comes late is no reason to keep a player waiting.
    package init() {}

    /// One time for ranks and first uses, for those who would rather wait than miss something.
    package init(patience: Duration, plain: Duration = .milliseconds(100)) {
        (self.plain, ranked, first) = (plain, patience, patience)
    }
}
