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
}
