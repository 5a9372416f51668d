import HoldfastStorage

/// Ends trades that were not decided in time, whoever began them.
///
/// Every step may be repeated, by several servers at once.
struct TradeRecovery: Sendable {
    /// How long after its time a trade is left to the server that began it.
    static let grace = Duration.seconds(2)

    let host: SessionHost

    /// Aborts a trade that was begun, unless it is decided, and gives back what was set aside.
    ///
    /// - Returns: The verdict that stands.
    func recall(_ plan: TradePlan) async throws(ProfileError) -> Decision.Verdict {
        try await host.diagnostics.inStep(.trade("recall", plan.id), outcome: \.rawValue) {
            () async throws(ProfileError) in
            try await recalled(plan)
        }
    }

    private func recalled(_ plan: TradePlan) async throws(ProfileError) -> Decision.Verdict {
        do {
            let verdict = try await host.committer.decide(
                plan.decision(.aborted), timeout: host.configuration.saveTimeout)
            guard verdict == .aborted else { return verdict }
            var failure: (any Error)?
            for refund in try plan.refunds(before: try await stop(plan)) {
                do {
                    _ = try await host.diagnostics.inStep(
                        .trade("refund", plan.id, of: refund.record), outcome: \.word
                    ) { try await deliver(refund) }
                } catch {
                    // A record that cannot take its own back keeps no other from it.
                    failure = error
                }
            }
            if let failure { throw failure }
            return verdict
        } catch {
            throw error as? ProfileError ?? (error as? StoreError).map { ProfileError($0) }
                ?? ProfileError(.internalError, "\(error)")
        }
    }

    /// Stops the chain for ever where it stands; returns the position of the first leg that took nothing.
    private func stop(_ plan: TradePlan) async throws -> Int {
        for position in plan.legs.indices where position >= plan.escrowed {
            let record = try plan.record(of: plan.legs[position])
            let outcome = try await host.store.cancelOperation(try TradePlan.operationID(.leg, of: plan.id), of: record)
            host.receipts.signal(record)
            guard outcome == .settled(.applied) else { return position }
        }
        host.logger.critical("an aborted trade has all its legs", metadata: ["holdfast.trade": "\(plan.id)"])
        throw ProfileError(.internalError, "trade \(plan.id) was aborted although its last leg was applied")
    }

    private func deliver(_ refund: Delivery) async throws -> DeliveryOutcome {
        let outcome = try await host.committer.deliver(refund, timeout: host.configuration.saveTimeout)
        switch outcome {
        case .delivered:
            host.metrics.tradeRefunds.increment()
            host.hintOwners(of: [refund])
        case .duplicate: break
        case .conflict:
            throw ProfileError(.internalError, "the id \(refund.id) is taken", record: refund.record)
        case .full:
            throw ProfileError(.busy, "the list of operations is full", record: refund.record)
        }
        return outcome
    }

    /// Looks through the journals: ends what is over its time, and forgets what is decided.
    ///
    /// - Throws: What kept the last of those trades that could not be ended; the others are.
    func sweep() async throws {
        var failure: (any Error)?
        let logs = try await host.store.logs(
            startingWith: Array(TradeJournal.prefix.utf8), after: nil, limit: TradeJournal.logs.count)
        for log in logs where log.count > 0 { try await sweep(log.name, &failure) }
        if let failure { throw failure }
    }

    private func sweep(_ log: SpaceName, _ failure: inout (any Error)?) async throws {
        var last: Int64 = 0
        while let page = try await host.store.entries(of: log, after: last, limit: 100), !page.entries.isEmpty {
            try Task.checkCancellation()
            var ended: [RandomID] = []
            for entry in page.entries {
                do {
                    if try await end(entry) { ended.append(entry.id) }
                } catch {
                    failure = error
                }
            }
            if !ended.isEmpty {
                let trim = TrimRequest(log: log, which: .ids(ended))
                _ = try await host.committer.trim(trim, timeout: host.configuration.saveTimeout)
            }
            last = page.entries.last?.sequence ?? .max
        }
    }

    /// Whether the entry has done its duty.
    private func end(_ entry: LogEntry) async throws -> Bool {
        let plan = try TradePlan(entry.value)
        let due = plan.endMillis(begunAt: entry.createdAtMillis) + Self.grace.wholeMilliseconds
        guard due <= WallClock.milliseconds() else { return false }
        // Aborted in time, it was only noted until now.
        let wasDecided = try await host.store.verdict(of: TradePlan.decisionID(of: plan.id)) != nil
        if try await recall(plan) == .aborted, !wasDecided { host.metrics.tradesRecovered.increment() }
        return true
    }
}

/// Where trades across servers are noted by the commit that begins them, until they are decided and over.
enum TradeJournal {
    /// Several, since the store hands out a log's numbers one commit at a time.
    static let logs = (0..<16).compactMap { try? SpaceName("\(prefix)\($0)") }
    static let prefix = "trade:journal:"

    static func entry(of plan: TradePlan) throws(ProfileError) -> AppendRequest {
        let id = TradePlan.decisionID(of: plan.id)
        return AppendRequest(
            log: logs[Int(id.low % UInt64(logs.count))], entries: [.init(id: id, value: try plan.encoded())])
    }
}
