import HoldfastStorage
import Logging

/// From the store to Redis.
extension AnnouncementChannel {
    /// Has Redis follow the store; returns where both end.
    func compare(
        from believed: AnnouncementPosition?, within limit: Duration? = nil
    ) async throws(MemoryStoreError) -> AnnouncementFollower.StoreEnd? {
        let end = try await logs.copy(from: believed, within: limit ?? context.timeout)
        state.withLock { state in
            state.copy = end.map {
                AnnouncementPosition(generation: $0.generation, sequence: $0.last, entry: nil)
            }
        }
        return end
    }

    /// Brings to Redis what a publisher of this process has just committed.
    ///
    /// One publisher at a time does so for all; what it cannot do, the next look of any subscriber anywhere will.
    func bringToRedis() async {
        let isMine = state.withLock { state in
            defer {
                if state.isCopying { state.copiesAgain = true }
                state.isCopying = true
            }
            return !state.isCopying
        }
        guard isMine else { return }
        for round in 1... {
            do throws(MemoryStoreError) {
                _ = try await compare(from: state.withLock { $0.copy }, within: .seconds(1))
            } catch {
                context.logger.debug(
                    "an announcement is on its way to Redis",
                    metadata: ["holdfast.channel": "\(name)", "holdfast.error": "\(error)"])
            }
            let goesOn = state.withLock { state in
                defer { state.copiesAgain = false }
                // Others take over when one has done this for long enough.
                if !state.copiesAgain || round == 10 { state.isCopying = false }
                return state.isCopying
            }
            if !goesOn { return }
        }
    }
}
