import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import Logging

extension RedisCoordinationBackend {
    /// Takes a lease that is free, the nonce's own, or a dead boot's, and mints its token: one atomic step.
    public func acquire(_ request: AcquireRequest) async throws(CoordinationError) -> AcquireReply {
        try BackendLimits.check(server: request.owner.server)
        try BackendLimits.check(floor: request.floor)
        let millis = try BackendLimits.millis(request.lease, "lease")
        let reply = try await call(
            .Lease.acquire, keys: [keys.lease(request.id), keys.token(request.id), keys.hot(request.id)],
            [
                .bytes(request.owner.nonce.bytes), .string(request.owner.server), .bytes(request.owner.boot.bytes),
                .integer(millis), .integer(request.floor), .bytes(request.deadBoot?.bytes ?? []),
                .integer(request.asksForHandOver ? 1 : 0), .integer(counterMillis),
            ]
        )
        switch reply.code {
        case "ACQUIRED":
            return .acquired(
                token: try reply.number(1), hot: try hotCopy(reply), tookOverDeadBoot: try reply.number(2) == 1
            )
        case "HELD": return .held(try holder(reply))
        default: throw reply.unexpected()
        }
    }

    /// Extends leases that their nonces still hold, and reports those that need attention.
    ///
    /// It sends up to 100 leases a call and four calls at once. In cluster mode each lease has a slot of its own, hence
    /// a call of its own, with 64 at once. A call that fails costs its own leases only: they are reported as
    /// unanswered.
    public func renew(_ claims: [LeaseClaim], lease: Duration) async throws(CoordinationError) -> [RenewalNotice] {
        let millis = try BackendLimits.millis(lease, "lease")
        guard !claims.isEmpty else { return [] }
        let (size, width) = try await inClusterMode() ? (1, 64) : (100, 4)
        let batches = stride(from: 0, to: claims.count, by: size).map { claims[$0..<min($0 + size, claims.count)] }
        if batches.count == 1 { return try await renew(batches[0], millis) }

        let renewed = await withTaskGroup(of: RenewedBatch.self) { group in
            var renewed: [RenewedBatch] = []
            for (index, batch) in batches.enumerated() {
                if index >= width, let batch = await group.next() { renewed.append(batch) }
                group.addTask { await self.renewed(batch, at: index, millis) }
            }
            for await batch in group { renewed.append(batch) }
            return renewed
        }
        var notices: [RenewalNotice] = []
        var failures = 0
        for batch in renewed.sorted(by: { $0.index < $1.index }) {
            switch batch.outcome {
            case .success(let found):
                notices += found
            case .failure(let error):
                failures += 1
                guard failures < batches.count else { throw error }
                logger.debug("a part of a renewal failed", metadata: ["holdfast.error": "\(error)"])
                notices += batches[batch.index].map { RenewalNotice(claim: $0, finding: .unanswered) }
            }
        }
        return notices
    }

    private struct RenewedBatch: Sendable {
        let index: Int
        let outcome: Result<[RenewalNotice], CoordinationError>
    }

    private func renewed(_ claims: ArraySlice<LeaseClaim>, at index: Int, _ millis: Int64) async -> RenewedBatch {
        do throws(CoordinationError) {
            return RenewedBatch(index: index, outcome: .success(try await renew(claims, millis)))
        } catch {
            return RenewedBatch(index: index, outcome: .failure(error))
        }
    }

    private func renew(
        _ claims: ArraySlice<LeaseClaim>, _ millis: Int64
    ) async throws(CoordinationError) -> [RenewalNotice] {
        let reply = try await call(
            .Lease.renew, keys: claims.map { keys.lease($0.id) },
            [.integer(millis)] + claims.map { .bytes($0.nonce.bytes) }
        )
        var notices: [RenewalNotice] = []
        for index in stride(from: 1, to: reply.count, by: 3) {
            let position = Int(try reply.number(index))
            guard (1...claims.count).contains(position) else { throw reply.unexpected(index) }
            let finding: RenewalNotice.Finding
            switch try reply.number(index + 1) {
            case 1: finding = .absent
            case 2: finding = .heldByAnother
            case 3: finding = .wanted(by: try reply.text(index + 2))
            default: throw reply.unexpected(index + 1)
            }
            notices.append(RenewalNotice(claim: claims[claims.startIndex + position - 1], finding: finding))
        }
        return notices
    }

    /// Deletes the lease if the claim still holds it, leaves the hot copy, and names who waits.
    ///
    /// A hot copy that could not be kept never holds the release up.
    public func release(_ claim: LeaseClaim, hot: HotCopy?) async throws(CoordinationError) -> ReleaseReply {
        if let hot {
            // First, while the lease is held; and apart, so that want of memory never keeps a lease.
            do throws(CoordinationError) {
                try await putHotCopy(hot, for: claim)
            } catch {
                logger.debug("released without a hot copy", metadata: ["holdfast.error": "\(error)"])
            }
        }
        let reply = try await call(
            .Lease.release, keys: [keys.lease(claim.id), keys.released(claim)],
            [.bytes(claim.nonce.bytes), .integer(BackendLimits.latchLifeMillis)]
        )
        return ReleaseReply(waiter: try reply.optionalText(1))
    }

    /// Stores the hot copy if the lease still bears the claim's nonce; one above 64 KiB is not kept.
    public func putHotCopy(_ hot: HotCopy, for claim: LeaseClaim) async throws(CoordinationError) {
        try BackendLimits.check(hot)
        guard hot.payload.count <= HotCopy.maximumBytes else { return }
        guard try await hasRoom(for: keys.hot(claim.id)) else { return }
        let facts = hot.facts?.encoded
        let age = hot.facts.map { CopyAge.millis(since: $0.confirmedAt, now: .now) }
        _ = try await call(
            .Lease.putHot, keys: [keys.lease(claim.id), keys.hot(claim.id)],
            [
                .bytes(claim.nonce.bytes), .integer(hot.reference.version), .bytes(hot.reference.saveID.bytes),
                .string(String(hot.reference.checksum)), .integer(Int64(hot.documentBytes)), .bytes(hot.payload),
                .integer(hotCopyMillis), .integer(age ?? 0), .bytes(facts ?? []),
            ],
            lane: .bulk
        )
    }

    /// Shows the hot copy to a reader without a lease, where it was the last committed save at `oldest` or later.
    public func hotCopy(
        of id: RecordID, since oldest: ContinuousClock.Instant
    ) async throws(CoordinationError) -> HotCopy? {
        let asked = ContinuousClock.now
        guard let largest = CopyAge.largest(since: oldest, now: asked) else { return nil }
        let reply = try await call(.Lease.readHot, keys: [keys.hot(id)], [.integer(largest)], lane: .bulk)
        switch reply.code {
        case "NONE": return nil
        case "FOUND":
            let moment = CopyAge.moment(try reply.number(1), asked: asked)
            guard let facts = HotCopyFacts(encoded: try reply.bytes(2), confirmedAt: moment) else { return nil }
            var copy = try hotCopy(reply)
            copy?.facts = facts
            return copy
        default: throw reply.unexpected()
        }
    }

    /// Drops the hot copy, and the lease if it bears exactly that token.
    public func unlock(_ id: RecordID, token: Int64) async throws(CoordinationError) -> Bool {
        try BackendLimits.check(token: token)
        let reply = try await call(.Lease.unlock, keys: [keys.lease(id), keys.hot(id)], [.integer(token)])
        return reply.code == "UNLOCKED"
    }

    /// Shows a lease without touching it; nil when free.
    public func inspect(_ id: RecordID) async throws(CoordinationError) -> LeaseDescription? {
        let reply = try await call(.Lease.inspect, keys: [keys.lease(id)])
        return reply.code == "FREE" ? nil : try holder(reply)
    }

    /// Whether the server that holds a key has memory for hot copies.
    private func hasRoom(for key: [UInt8]) async throws(CoordinationError) -> Bool {
        // While a cluster is not known there is nobody to ask; the write itself finds out.
        guard let node = client.node(for: key) else { return true }
        if budgets.withLock({ $0[node, default: HotCopyBudget()].shouldAsk(now: .now) }) {
            let memory = try await info("memory", on: node, lane: .bulk)
            budgets.withLock { $0[node, default: HotCopyBudget()].learn(memory) }
        }
        return budgets.withLock { $0[node, default: HotCopyBudget()].hasRoom }
    }

    /// Asked once: a Redis does not change its mode while it keeps its data.
    private func inClusterMode() async throws(CoordinationError) -> Bool {
        if let known = clusterMode.withLock({ $0 }) { return known }
        let found = try await info("cluster", lane: .session).contains("cluster_enabled:1")
        clusterMode.withLock { $0 = found }
        return found
    }

    private func holder(_ reply: ScriptReply) throws(CoordinationError) -> LeaseDescription {
        LeaseDescription(
            owner: Owner(nonce: try reply.id(1), server: try reply.text(2), boot: try reply.id(3)),
            token: try reply.number(4), sinceMillis: try reply.number(5),
            remaining: .milliseconds(try reply.number(6)), wantedBy: try reply.optionalText(7)
        )
    }

    private func hotCopy(_ reply: ScriptReply) throws(CoordinationError) -> HotCopy? {
        guard reply.count > 2 else { return nil }
        guard let checksum = UInt64(try reply.text(5)) else { throw reply.unexpected(5) }
        return HotCopy(
            reference: HotReference(version: try reply.number(3), saveID: try reply.id(4), checksum: checksum),
            payload: try reply.bytes(7), documentBytes: Int(try reply.number(6))
        )
    }
}
