import HoldfastStorage

extension ProfileCollection {
    /// Sees to what this process' first load needs beside the profile, through outages and until the deadline.
    ///
    /// - Throws: ``ProfileError``: what it met last; `notFound` and `badInput` for a board.
    func prepare(
        for id: RecordID, until deadline: ContinuousClock.Instant, isAbandoned: () -> Bool
    ) async throws(ProfileError) {
        var failures = 0
        while let error = await failureOfPreparing() {
            failures += 1
            let pause = error.code.retryPauses.pause(after: failures, chance: .random(in: 0...1))
            guard error.isRetriable, !isAbandoned(), ContinuousClock.now + pause < deadline else { throw error }
            retrying(id, after: error)
            try? await Task.sleep(for: pause)
        }
    }

    private func failureOfPreparing() async -> ProfileError? {
        do throws(ProfileError) {
            try await followBoards()
            try await announceSchema()
            return nil
        } catch {
            return error
        }
    }

    /// Looks for the boards that scores are projected to, once.
    ///
    /// A board that was there and is deleted later keeps nobody from playing.
    private func followBoards() async throws(ProfileError) {
        guard !codec.projections.isEmpty, let boards = host.configuration.boards, !knowsBoards.withLock({ $0 }) else {
            return
        }
        do {
            for projection in codec.projections { try await boards.follow(projection.board) }
        } catch {
            throw ProfileError(error)
        }
        knowsBoards.withLock { $0 = true }
    }
}
