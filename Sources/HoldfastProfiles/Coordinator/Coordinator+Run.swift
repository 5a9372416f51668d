import HoldfastCoordination
import HoldfastStorage
import Logging
import ServiceLifecycle

extension Coordinator {
    /// Runs until a graceful shutdown, a drain request or a cancellation; call it once.
    ///
    /// - Throws: ``ProfileError``: `wrongDeployment`, `denied`, `newerSchema` when it cannot work at all, or no longer,
    ///   after what is open was saved; `drainIncomplete` naming the first of those in ``missedDrain``.
    public func run() async throws {
        guard readiness.start() else {
            throw ProfileError(.badInput, "run() may be called once")
        }
        do {
            try await runParts()
            stopEverything()
        } catch {
            stopEverything(error as? ProfileError)
            throw error
        }
    }

    private func stopEverything(_ error: ProfileError? = nil) {
        readiness.stop(error)
        host.work.abandon()
        for collection in collections.withLock({ Array($0.values) }) { collection.stopLoads() }
        for session in managedSessions() { session.stop() }
        host.watched.removeAll()
        host.jobs.finish()
        host.diagnostics.stop()
    }

    private func runParts() async throws {
        // The connections must outlive the graceful shutdown signal, which would reach them through this task's locals:
        // the last saves and releases still need them.
        let backend = Task.detached { [host] in try await host.backend.run() }
        let committer = Task.detached { [host] in await host.committer.run() }
        let jobs = Task.detached { [host] in await host.jobs.run() }
        defer {
            backend.cancel()
            committer.cancel()
        }
        try await withTaskCancellationHandler {
            guard try await reachedBothSides() else { return }
            let deadline = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.beatLoop() }
                group.addTask { await self.renewLoop() }
                group.addTask { await self.operationsLoop() }
                group.addTask { await self.dutiesLoop() }
                group.addTask { await self.inboxLoop() }
                group.addTask { await self.tickLoop() }
                group.addTask { try await self.waitForShutdown() }
                // The first to end: the wait for a shutdown, or a loop that cannot go on. That is no reason to lose
                // what players did since the last save.
                var failure: (any Error)?
                do {
                    try await group.next()
                } catch {
                    if Task.isCancelled { throw error }
                    failure = error
                }
                let deadline = ContinuousClock.now + host.configuration.drainTimeout
                let missed = await drain(until: deadline, jobs)
                group.cancelAll()
                // Beats go on during the drain, so that nobody takes this server for dead; they stop before the last
                // act.
                while await group.nextResult() != nil {}
                host.jobs.finish()
                await host.membership.withdraw()
                if let failure { throw failure }
                if !missed.isEmpty {
                    self.missed.withLock { $0 = missed }
                    let names = missed.prefix(20).map(\.record.description).joined(separator: ", ")
                    throw ProfileError(.drainIncomplete, "\(missed.count) not saved and released in time: \(names)")
                }
                return deadline
            }
            // What no session waits for, a shared document's write for example, may hang on a silent store as well.
            let watchdog = Self.cancel(jobs, at: deadline)
            defer { watchdog.cancel() }
            await jobs.value
        } onCancel: {
            backend.cancel()
            committer.cancel()
            jobs.cancel()
        }
    }

    /// Compares the deployments, unless this server is asked to stop first.
    private func reachedBothSides() async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.checkDeployment()
                return true
            }
            group.addTask {
                try await self.waitForShutdown()
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func waitForShutdown() async throws {
        try await withGracefulShutdownHandler {
            _ = try await drainRequest.value(until: .now + .seconds(Int64.max / 4_000_000_000))
        } onGracefulShutdown: {
            self.requestDrain()
        }
    }

    /// Compares the deployment ids of both sides, and the stored times with the configured ones.
    func checkDeployment() async throws {
        var failures = 0
        while true {
            do {
                let deployment = try await host.store.deployment()
                host.layout.learn(deployment)
                guard deployment.timings == host.configuration.timings else {
                    throw ProfileError(
                        .wrongDeployment,
                        "lease, renew and beat are \(deployment.timings) for this deployment; this server has "
                            + "\(host.configuration.timings)"
                    )
                }
                let installed = try await host.backend.installDeploymentID(deployment.id)
                guard installed == deployment.id else {
                    throw ProfileError(
                        .wrongDeployment,
                        "the store belongs to deployment \(deployment.id), Redis to \(installed); check both addresses"
                    )
                }
                return
            } catch let error as StoreError where !error.isRetriable {
                throw ProfileError(error)
            } catch let error as CoordinationError where !error.isRetriable {
                throw ProfileError(error)
            } catch let error as ProfileError {
                throw error
            } catch {
                failures += 1
                host.logger.warning("waiting for Redis and the store", metadata: ["holdfast.error": "\(error)"])
                try await Task.sleep(for: .milliseconds(50) * (1 << min(failures, 5)))
            }
        }
    }

    private static func cancel(
        _ task: Task<Void, Never>, at deadline: ContinuousClock.Instant
    ) -> Task<Void, Never> {
        Task { if (try? await Task.sleep(until: deadline, clock: .continuous)) != nil { task.cancel() } }
    }

    /// Saves and releases everything; returns who was not done in time.
    private func drain(until deadline: ContinuousClock.Instant, _ jobs: Task<Void, Never>) async -> [MissedDrain] {
        readiness.drain()
        host.work.stop()
        guard !Task.isCancelled else { return [] }
        // A save that hangs on a silent store holds its session's slot; at the deadline it lets go.
        let watchdog = Self.cancel(jobs, at: deadline)
        defer { watchdog.cancel() }
        var failures = await drainSessions(until: deadline)
        // Loads in flight end by themselves: they see the drain, and give their leases back.
        while !Task.isCancelled, ContinuousClock.now < deadline,
            collections.withLock({ $0.values.contains { $0.loads > 0 } })
        {
            try? await Task.sleep(for: .milliseconds(5))
        }
        failures.merge(await drainSessions(until: deadline)) { earlier, _ in earlier }
        let now = ContinuousClock.now
        return managedSessions().map { $0.describe(now: now) }.sorted { $0.id < $1.id }.map {
            MissedDrain(record: $0.id, unsavedAge: $0.unsavedAge, error: failures[$0.id])
        }
    }

    /// A last save whose answer is lost is repeated until the deadline and then given up, like any other work.
    ///
    /// - Returns: What the last try for those met that could not be saved.
    private func drainSessions(until deadline: ContinuousClock.Instant) async -> [RecordID: ProfileError] {
        let work = Task {
            await withTaskGroup(of: (RecordID, ProfileError?).self) { group in
                for session in managedSessions() {
                    group.addTask { (session.id, await self.drain(session, until: deadline)) }
                }
                var failures: [RecordID: ProfileError] = [:]
                for await (id, failure) in group { failures[id] = failure }
                return failures
            }
        }
        let limit = Task {
            if (try? await Task.sleep(until: deadline, clock: .continuous)) != nil { work.cancel() }
        }
        defer { limit.cancel() }
        return await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
    }

    /// Saves and releases one session; what the last try met where that did not work.
    private func drain(
        _ session: any ManagedSession, until deadline: ContinuousClock.Instant
    ) async -> ProfileError? {
        var failures = 0
        var last: ProfileError?
        repeat {
            do throws(ProfileError) {
                try await session.finish(.drained, until: deadline)
                return nil
            } catch {
                // That time ran out says less than what was met before.
                if last == nil || ![.deadline, .cancelled].contains(error.code) { last = error }
                failures += 1
                host.logger.warning(
                    "not saved yet", metadata: ["holdfast.record": "\(session.id)", "holdfast.error": "\(error)"]
                )
                let pause = error.code.retryPauses.pause(after: failures, chance: .random(in: 0...1))
                try? await Task.sleep(for: min(pause, max(.zero, deadline - .now)))
            }
        } while !Task.isCancelled && ContinuousClock.now < deadline && !session.isEnded
        return last
    }
}
