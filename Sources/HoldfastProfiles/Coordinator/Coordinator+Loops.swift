import HoldfastCoordination
import HoldfastStorage
import Logging

extension Coordinator {
    /// Beats on schedule.
    ///
    /// Ends by throwing when Redis turns out to belong to another deployment.
    func beatLoop() async throws {
        var next = ContinuousClock.now
        while !Task.isCancelled {
            do throws(CoordinationError) {
                let findings = try await host.membership.beat(fillIn)
                readiness.becomeReady()
                if findings.contains(.redisLostData) {
                    host.logger.warning("Redis lost data or another run answers: checking leases")
                    leaseCheck.request()
                    try await reinstallDeploymentID()
                }
                if findings.contains(.drainRequested) { requestDrain() }
            } catch {
                if error.code == .wrongDeployment { throw ProfileError(error) }
                host.logger.debug("a beat failed", metadata: ["holdfast.error": "\(error)"])
            }
            // After a pause the missed beats are not made up for.
            next = max(next + host.configuration.beat, .now)
            try? await Task.sleep(until: next, clock: .continuous)
        }
    }

    private func reinstallDeploymentID() async throws(CoordinationError) {
        guard let deployment = try? await host.store.deployment() else { return }
        let installed = try await host.backend.installDeploymentID(deployment.id)
        guard installed == deployment.id else {
            throw CoordinationError(
                .wrongDeployment, "the store belongs to deployment \(deployment.id), Redis to \(installed)"
            )
        }
    }

    private func fillIn(_ beat: inout ServerBeat) {
        let all = sessions()
        let sessions = all.filter { $0.state != .fallback }
        let doubtful = sessions.count { $0.state == .doubtful }
        beat.sessions = sessions.count
        beat.doubtful = doubtful
        beat.unsavedAge = sessions.map(\.unsavedAge).max() ?? .zero
        beat.leaseMargin = sessions.map(\.leaseMargin).min()
        beat.draining = isDraining
        beat.critical = isCritical
        beat.status = status.withLock { $0 }
        let metrics = host.metrics
        metrics.activeSessions.record(sessions.count { $0.state == .active })
        metrics.doubtfulSessions.record(doubtful)
        metrics.closingSessions.record(sessions.count { $0.state == .closing })
        metrics.fallbackSessions.record(all.count - sessions.count)
        metrics.unsavedAge.record(beat.unsavedAge / .seconds(1))
        if let margin = beat.leaseMargin { metrics.leaseMargin.record(margin / .seconds(1)) }
    }

    /// Renews all leases on schedule, or at once when asked.
    func renewLoop() async {
        while !Task.isCancelled {
            await leaseCheck.wait(until: nextRound())
            if Task.isCancelled { return }
            await renew()
        }
    }

    /// Asks the store for pending operations once a renewal, and for those of hinted records at once; apart from the
    /// renewal, so that a store that hangs costs no lease.
    ///
    /// One query at a time: hints that come meanwhile gather, at most one for each session.
    func operationsLoop() async {
        var next = nextRound()
        while !Task.isCancelled {
            await host.hints.wait(until: next)
            if Task.isCancelled { return }
            let hinted = host.hints.takeAll()
            if ContinuousClock.now >= next {
                if !host.layout.keepsProgress, let found = try? await host.store.deployment() {
                    host.layout.learn(found)
                }
                await fetchOperations(of: managedSessions())
                next = nextRound()
            } else {
                await fetchOperations(of: hinted.compactMap { managedSession($0) })
            }
        }
    }

    private func nextRound() -> ContinuousClock.Instant {
        .now + host.configuration.renewal * Double.random(in: 0.9...1.0)
    }

    private func renew() async {
        let sessions = managedSessions().filter { !$0.isEnded && !$0.isFallback }
        guard !sessions.isEmpty else { return }
        let sentAt = ContinuousClock.now
        let notices: [RenewalNotice]
        do throws(CoordinationError) {
            notices = try await host.backend.renew(sessions.map(\.claim), lease: host.configuration.lease)
        } catch {
            host.logger.warning("leases were not renewed", metadata: ["holdfast.error": "\(error)"])
            return
        }
        let findings = Dictionary(notices.map { ($0.claim, $0.finding) }, uniquingKeysWith: { first, _ in first })
        let unanswered = findings.values.count { $0 == .unanswered }
        if unanswered > 0 {
            host.logger.warning("some leases were not renewed", metadata: ["holdfast.leases": "\(unanswered)"])
        }
        for session in sessions {
            switch findings[session.claim] {
            case nil:
                session.renewed(sentAt: sentAt)
            case .wanted(let server):
                session.renewed(sentAt: sentAt)
                handOver(session, to: server)
            case .absent:
                host.jobs.submit { await session.reclaim() }
            case .heldByAnother:
                host.jobs.submit { await session.leaseTaken() }
            case .unanswered:
                break  // Its deadline stays; the next round asks again.
            }
            session.tick(now: .now)
        }
    }

    private func handOver(_ session: any ManagedSession, to server: String) {
        guard !session.isFinishing else { return }
        host.jobs.submit { [host] in
            do throws(ProfileError) {
                try await session.finish(.handedOver(to: server), until: .now + host.configuration.saveTimeout)
                // Where Redis had forgotten the lease, its release named no waiter.
                try? await self.sendReleased(session.id, to: server)
            } catch {
                host.logger.warning(
                    session.isEnded
                        ? "a hand-over was refused by the store" : "a hand-over could not be saved; still the holder",
                    metadata: ["holdfast.record": "\(session.id)", "holdfast.error": "\(error)"]
                )
            }
        }
    }

    private func sendReleased(_ id: RecordID, to server: String) async throws(CoordinationError) {
        try await host.backend.send(.released(id: id), to: server)
    }

    private func fetchOperations(of sessions: [any ManagedSession]) async {
        let sessions = Dictionary(
            sessions.filter { !$0.isFallback }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let ids = sessions.keys.sorted()
        for start in stride(from: 0, to: ids.count, by: 1_000) {
            let chunk = Array(ids[start..<min(start + 1_000, ids.count)])
            guard let pending = try? await host.store.pendingOperations(of: chunk) else { return }
            for (id, operations) in Dictionary(grouping: pending, by: \.record) { sessions[id]?.receive(operations) }
        }
    }

    /// Takes messages from this server's inbox.
    ///
    /// All of them are hints; what they say is found by polling too.
    func inboxLoop() async {
        while !Task.isCancelled {
            do throws(CoordinationError) {
                for message in try await host.backend.receive(server: identity.id, wait: .seconds(2)) {
                    await handle(message)
                }
            } catch {
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func handle(_ message: InboxMessage) async {
        switch message {
        case .handOver(let id, let nonce, let server):
            let claim = LeaseClaim(id: id, nonce: nonce)
            if let session = managedSession(id), session.claim == claim {
                handOver(session, to: server)
            } else if !knows(claim) {
                // Over, or left behind by an open that failed here: nobody will use it.
                host.jobs.submit { [host] in
                    await host.claimer.giveBack(claim)
                    try? await host.backend.send(.released(id: id), to: server)
                }
            }
        case .released(let id):
            releases.signal(id)
        case .order(let order, let id, let request, let inbox):
            carryOut(order, id: id, request: request, replyTo: inbox)
        case .answer:
            break  // For verbs, which have inboxes of their own.
        case .operations(let id):
            if managedSession(id) != nil { host.hints.add(id) }
        }
    }

    /// Starts due saves and ends waits whose time has come.
    func tickLoop() async {
        let interval = min(max(host.configuration.autosave / 20, .milliseconds(20)), .milliseconds(250))
        while !Task.isCancelled {
            let now = ContinuousClock.now
            host.diagnostics.tick(now: now)
            for session in host.watched.all { session.tick(now: now) }
            // Before the waits: what has not begun is told so.
            host.work.expire(now: now)
            host.waits.expire(now: now)
            try? await Task.sleep(for: interval)
        }
    }
}
