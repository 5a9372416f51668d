import HoldfastProfiles
import HoldfastStorage

extension ProfileCollection {
    /// Opens a profile without asking its holder to hand over: an operator's verb must not end a player's
    /// session.
    ///
    /// Tries again until `wait` has passed.
    ///
    /// - Throws: ``CommandError``; `held` naming the server that holds it.
    func openQuietly(_ key: Key, wait: Duration? = nil) async throws -> Session<Document> {
        let deadline = ContinuousClock.now + (wait ?? .zero)
        while true {
            do {
                return try await open(key, waits: false)
            } catch {
                guard error.code == .held, ContinuousClock.now < deadline else {
                    throw CommandError(error, key: key.description)
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
    /// Deletes a profile as ``openQuietly(_:wait:)`` opens one.
    ///
    /// - Throws: ``CommandError``; `held` naming the server that holds it.
    func deleteQuietly(_ key: Key, wait: Duration? = nil) async throws {
        let session = try await openQuietly(key, wait: wait)
        do {
            try await session.delete()
        } catch {
            try? await session.close()
            throw CommandError(error, key: key.description)
        }
    }
}
