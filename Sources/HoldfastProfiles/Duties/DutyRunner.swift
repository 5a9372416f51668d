import HoldfastCoordination
import HoldfastStorage
import Logging

/// Does one duty's turns while this server has the duty's lease, and looks for the lease while it has not.
///
/// A lease is a hint: a server that froze in a turn may wake up while another does the next one, so every body must
/// stand that.
struct DutyRunner: Sendable {
    let duty: FleetDuty
    let host: SessionHost
    private let claim: LeaseClaim

    init(_ duty: FleetDuty, host: SessionHost) {
        self.duty = duty
        self.host = host
        claim = LeaseClaim(id: duty.record, nonce: .random())
        host.metrics.expect(duty: duty.name)
    }

    /// Runs until it is cancelled; gives the lease back then.
    func run() async {
        while !Task.isCancelled {
            if let deadline = await acquire() {
                await serve(until: deadline)
                await giveBack()
            }
            // Out of step with the other servers.
            try? await Task.sleep(for: host.configuration.renewal * Double.random(in: 0.5...1))
        }
    }

    private func acquire() async -> ContinuousClock.Instant? {
        let sentAt = ContinuousClock.now
        let owner = host.identity.owner(nonce: claim.nonce)
        let request = AcquireRequest(
            id: duty.record, owner: owner, lease: host.configuration.lease, asksForHandOver: false)
        guard case .acquired? = try? await host.backend.acquire(request) else { return nil }
        return deadline(sentAt)
    }

    private func deadline(_ sentAt: ContinuousClock.Instant) -> ContinuousClock.Instant {
        sentAt + host.configuration.lease - host.configuration.leaseMargin
    }

    /// Returns once the lease is lost or this task is cancelled; the turn that is under way is cancelled with it.
    private func serve(until deadline: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await takeTurns() }
            group.addTask { await keepLease(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }

    private func takeTurns() async {
        while !Task.isCancelled {
            do {
                try await host.diagnostics.inStep(.turn(of: duty.name)) { try await duty.body() }
                host.metrics.dutyTurned(duty.name, "done")
            } catch {
                if Task.isCancelled { return }
                host.metrics.dutyTurned(duty.name, "failed")
                host.logger.warning(
                    "a duty of the fleet failed; it is tried again at its next turn",
                    metadata: ["holdfast.duty": "\(duty.name)", "holdfast.error": "\(error)"])
            }
            try? await Task.sleep(for: duty.interval)
        }
    }

    private func keepLease(until first: ContinuousClock.Instant) async {
        var deadline = first
        while !Task.isCancelled {
            try? await Task.sleep(until: min(.now + host.configuration.renewal, deadline), clock: .continuous)
            guard !Task.isCancelled, ContinuousClock.now < deadline else { return }
            let sentAt = ContinuousClock.now
            guard let notices = try? await host.backend.renew([claim], lease: host.configuration.lease) else {
                continue
            }
            switch notices.first?.finding {
            case nil, .wanted: deadline = self.deadline(sentAt)
            case .unanswered: continue
            case .absent, .heldByAnother: return
            }
        }
    }

    /// Not cancelled with the server's loops, so that the next server need not wait for the lease to expire.
    private func giveBack() async {
        await Task { _ = try? await host.backend.release(claim, hot: nil) }.value
    }
}
