import HoldfastProfiles
import HoldfastStorage
import Logging

/// Saves typed 4 KB documents through the whole path: edit, encode, compress, checksum, group commit.
struct SaveLoad: Sendable {
    /// Sessions that stay open.
    static let documents = 2_000
    /// Rows a transaction of the ceiling; ours come in groups of about this size.
    static let batch = 100
    /// Tasks that save one after the other: twice the batch, since one group is written while the next gathers.
    static let savers = 2 * batch

    let sessions: [Session<BenchDocument>]

    /// Opens the sessions, saves each once, and hands them to `body`.
    ///
    /// - Parameter body: Gets the load and the payloads as the store has them.
    static func with<Result: Sendable>(
        store: any DurableStore, logger: Logger,
        _ body: @escaping @Sendable (SaveLoad, [Payload]) async throws -> Result
    ) async throws -> Result {
        try await BenchServer.with(store: store, texts: 4, logger: logger) { documents in
            let load = SaveLoad(
                sessions: try await concurrently(Self.documents, tasks: Self.savers) {
                    try await documents.open(Key($0))
                })
            _ = try await concurrently(Self.documents, tasks: Self.savers) { try await load.save(load.sessions[$0]) }
            let payloads = try await concurrently(Self.documents, tasks: Self.savers) { number in
                guard let content = try await store.read(load.sessions[number].id)?.content else {
                    throw BenchError("a saved document is missing")
                }
                return content.payload
            }
            return try await body(load, payloads)
        }
    }

    /// Saves for `seconds` from all tasks and returns saves a second.
    func run(seconds: Double) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start.advanced(by: .seconds(seconds))
        let saves = try await withThrowingTaskGroup(of: Int.self) { group in
            for saver in 0..<Self.savers {
                group.addTask {
                    var saves = 0
                    while clock.now < end {
                        for number in stride(from: saver, to: sessions.count, by: Self.savers) where clock.now < end {
                            try await save(sessions[number])
                            saves += 1
                        }
                    }
                    return saves
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(saves) / ((clock.now - start) / .seconds(1))
    }

    private func save(_ session: Session<BenchDocument>) async throws {
        try session.edit { $0.change() }
        guard try await session.save().wrote else { throw BenchError("a save wrote nothing") }
    }
}
