import Foundation
import HoldfastPrivateServers
import HoldfastProfiles
import HoldfastSQLite
import HoldfastStorage

/// 10,000 open sessions with documents of 1 KB on SQLite, saved on schedule.
struct AutosaveLoad: Sendable {
    static let sessions = 10_000

    let sessions: [Session<BenchDocument>]
    let times: SaveTimes
    let interval: Duration

    /// Opens the sessions and hands them to `body`, with nothing left to save.
    ///
    /// Beats and renewals do not fall into what is measured: they cost the same whatever has changed.
    static func with<Result: Sendable>(
        interval: Duration, _ context: BenchContext, _ body: @escaping @Sendable (AutosaveLoad) async throws -> Result
    ) async throws -> Result {
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(path: folder.file("holdfast.sqlite"), deployment: "bench")
        let times = SaveTimes()
        return try await BenchServer.with(
            store: store, texts: 1, autosave: interval, beatMillis: 60_000, observer: times, logger: context.logger
        ) { documents in
            let sessions = try await concurrently(Self.sessions, tasks: 100) { number in
                let session = try await documents.open(Key(number))
                try session.edit { $0.change() }
                try await session.save()
                return session
            }
            return try await body(AutosaveLoad(sessions: sessions, times: times, interval: interval))
        }
    }

    /// Changes so many of the sessions at once, and waits until each was saved and the interval is over.
    ///
    /// - Returns: When it began.
    func run(changed: Int) async throws -> ContinuousClock.Instant {
        times.clear()
        let start = ContinuousClock.now
        for number in stride(from: 0, to: sessions.count, by: sessions.count / changed) {
            try sessions[number].edit { $0.change() }
        }
        try await times.wait(for: changed, patience: interval * 20 + .seconds(60))
        try await Task.sleep(until: start + interval * 1.1, clock: .continuous)
        return start
    }
}
