import Logging

/// What every row of one run shares.
struct BenchContext: Sendable {
    /// How long a single run of either side lasts.
    let seconds: Double
    /// The PostgreSQL to measure on; nil starts a private one where its programs are installed.
    let postgres: PostgresTarget?
    /// The export of a world that rows of worlds are measured on; nil makes chunks up.
    let terrain: String?
    let logger: Logger
    /// Is told of every finished pair.
    let finishedPair: @Sendable () -> Void

    /// A PostgreSQL that somebody else keeps.
    struct PostgresTarget: Sendable {
        let url: String
        let password: String?
    }
}
