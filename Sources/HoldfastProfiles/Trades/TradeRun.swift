import HoldfastStorage
import Synchronization

/// One call of a trade on the server that begins it.
final class TradeRun: Sendable {
    private let id: String
    private let trade: Trade
    private let timeout: Duration
    private let deadline: ContinuousClock.Instant
    private let host: SessionHost
    private let readiness: Readiness
    /// Opened for this trade, and given up at its end.
    private let opened = Mutex<[RecordID: any TransactionPart]>([:])

    init(
        id: String, trade: Trade, timeout: Duration, deadline: ContinuousClock.Instant, host: SessionHost,
        readiness: Readiness
    ) {
        self.id = id
        self.trade = trade
        self.timeout = timeout
        self.deadline = deadline
        self.host = host
        self.readiness = readiness
    }

    func carryOut() async throws -> TradeOutcome {
        if let verdict = try await verdict() { return await outcome(verdict) }
        defer { Coordinator.close(opened.withLock { Array($0.values) }, host) }
        for (record, _) in trade.legs { try await open(record) }
        let here = opened.withLock { $0 }
        let local = trade.legs.filter { here[$0.record.id] != nil }
        let far = trade.legs.filter { here[$0.record.id] == nil }
        let sessions = local.compactMap { here[$0.record.id] }
        if let missing = sessions.first(where: \.isMissing) {
            throw ProfileError(.notFound, "it was never saved", record: missing.id)
        }
        // Those who only receive come last, where they can refuse what they get.
        let chain = far.filter { $0.leg.take != nil } + far.filter { $0.leg.take == nil }
        let plan = TradePlan(
            id: id, legs: (local + chain).map(\.leg), escrowed: local.count, timeoutMillis: timeout.wholeMilliseconds,
            postings: trade.postings)
        if far.isEmpty { return try await tradeHere(plan, sessions) }
        guard local.contains(where: { $0.leg.take != nil }) else {
            throw ProfileError(
                .held, "none of those who give is live here or free: begin the trade on one's server",
                record: far.first?.record.id)
        }
        return try await begin(plan, sessions)
    }

    /// Opens a record unless it is live elsewhere.
    private func open(_ record: TransactionRecord) async throws(ProfileError) {
        do throws(ProfileError) {
            let session = try await record.open(max(.milliseconds(1), deadline - .now))
            opened.withLock { $0[record.id] = session }
        } catch {
            guard error.code == .held else { throw error }
        }
    }

    // MARK: - All of it here

    private func tradeHere(_ plan: TradePlan, _ sessions: [any TransactionPart]) async throws -> TradeOutcome {
        // Keeps another call with this id from beginning it across servers.
        let begin = Decision(trade: TradePlan.beginID(of: id), verdict: .aborted)
        if try await decide(begin, "reserve") == .committed { return try await wait(for: nil) }
        return try await commit("exchange", plan, sessions) { scope, index, operation in
            try scope.apply(plan.legs[index].take, as: operation, at: index)
            try scope.apply(plan.legs[index].give, as: operation, at: index)
        } extras: { extras throws(ProfileError) in
            extras.decision = plan.decision(.committed)
            extras.entries = try GeneralLedger.entries(plan.postings)
        } committed: {
            .committed
        } decided: { verdict in
            await self.outcome(verdict)
        }
    }

    // MARK: - Across servers

    private func begin(_ plan: TradePlan, _ sessions: [any TransactionPart]) async throws -> TradeOutcome {
        try await commit("begin", plan, sessions) { scope, index, operation in
            try scope.apply(plan.legs[index].take, as: operation, at: index)
            try scope.tryOut(plan.legs[index].give, as: operation, at: index)
        } extras: { extras throws(ProfileError) in
            extras.add(try plan.begun())
            extras.entries.append(try TradeJournal.entry(of: plan))
        } committed: {
            self.host.metrics.tradesBegun.increment()
            return try await self.wait(for: plan)
        } decided: { begun in
            if begun == .committed { return try await self.wait(for: nil) }
            // Tried as one transaction by another call, which may still be under way.
            return await self.outcome(try await self.decide(plan.decision(.aborted)))
        }
    }

    private func commit(
        _ name: String, _ plan: TradePlan, _ sessions: [any TransactionPart],
        _ step: (inout TransactionScope, Int, OperationID) throws -> Void,
        extras: (inout CommitExtras) throws(ProfileError) -> Void,
        committed: () async throws -> TradeOutcome,
        decided: (Decision.Verdict) async throws -> TradeOutcome
    ) async throws -> TradeOutcome {
        let operation = try TradePlan.operationID(.leg, of: id)
        let run = try TransactionRun(sessions, host: host)
        func change(_ scope: inout TransactionScope) throws {
            for (index, session) in sessions.enumerated() {
                do {
                    try step(&scope, index, operation)
                } catch {
                    throw TradeRefusal(record: session.id, reason: error)
                }
            }
            try extras(&scope.extras)
        }
        do {
            let (_, outcome) = try await host.diagnostics.inStep(
                .trade(name, id, of: sessions.first?.id, count: sessions.count), outcome: { $0.1.word },
                { try await run.carryOut(until: deadline) { scope in try change(&scope) } })
            switch outcome {
            case .committed: return try await committed()
            case .decided(let verdict): return try await decided(verdict)
            case .settledElsewhere:
                throw ProfileError(.internalError, "a trade was refused over an operation that it does not settle")
            }
        } catch let refusal as TransactionRefusal {
            // Another call may have begun it: then what was set aside is what this one misses.
            let begin = Decision(trade: TradePlan.beginID(of: id), verdict: .aborted)
            if try await decide(begin, "reserve") == .committed { return try await wait(for: nil) }
            let abort = TradeAbort(refusal.reason)
            // Nothing was written: the id is used up all the same, so that it has one answer for ever.
            let verdict = try await decide(plan.decision(.aborted))
            return verdict == .committed ? .committed : .aborted(abort)
        }
    }

    // MARK: - Waiting

    /// Waits until the trade is decided; at its deadline this server aborts what it has begun.
    ///
    /// - Throws: ``ProfileError`` with code `outcomeUnknown` once the coordinator has stopped: others end the trade.
    private func wait(for plan: TradePlan?) async throws(ProfileError) -> TradeOutcome {
        var pause = Duration.milliseconds(10)
        var nextLook = ContinuousClock.now + .seconds(1)
        let watched = trade.legs[0].record.id
        while ContinuousClock.now < deadline {
            let ticket = host.receipts.register(watched)
            if let verdict = try? await verdict() {
                host.receipts.drop(ticket)
                // Whoever aborted it may not have known what was set aside here.
                if verdict == .aborted, let plan { _ = try? await TradeRecovery(host: host).recall(plan) }
                return await outcome(verdict)
            }
            guard !readiness.isStopped else {
                host.receipts.drop(ticket)
                throw ProfileError(
                    .outcomeUnknown,
                    "the coordinator has stopped while trade \(id) was undecided; another server ends it")
            }
            await host.receipts.wait(ticket, until: min(deadline, .now + pause))
            if Task.isCancelled { return .pending }
            pause = min(pause * 2, .milliseconds(250))
            if ContinuousClock.now >= nextLook {
                await openFreed()
                nextLook = .now + .seconds(1)
            }
        }
        guard let plan else { return .pending }
        var verdict = try? await TradeRecovery(host: host).recall(plan)
        // What cannot go back yet leaves the trade as decided as it is.
        if verdict == nil { verdict = try? await self.verdict() }
        guard let verdict else { return .pending }
        let found = await outcome(verdict)
        guard case .aborted(let abort) = found, abort.cause == .unknown else { return found }
        return .aborted(TradeAbort(cause: .timedOut, record: nil, message: "it was not decided in time"))
    }

    /// A record that was released with its leg pending has nobody to apply it: takes it, which does.
    private func openFreed() async {
        guard let leg = try? TradePlan.operationID(.leg, of: id) else { return }
        for (record, _) in trade.legs where opened.withLock({ $0[record.id] == nil }) {
            guard let found = try? await host.store.operation(leg, of: record.id), found.state == .pending else {
                continue
            }
            try? await open(record)
        }
    }

    // MARK: - Verdicts

    private func verdict() async throws(ProfileError) -> Decision.Verdict? {
        do {
            return try await host.store.verdict(of: TradePlan.decisionID(of: id))
        } catch {
            throw ProfileError(error)
        }
    }

    private func decide(
        _ decision: Decision, _ step: String = "decide"
    ) async throws(ProfileError) -> Decision.Verdict {
        do {
            return try await host.diagnostics.inStep(.trade(step, id), outcome: \.rawValue) {
                () async throws(StoreError) in
                try await host.committer.decide(decision, timeout: max(.milliseconds(100), deadline - .now))
            }
        } catch {
            throw ProfileError(error)
        }
    }

    /// Finds out who refused, as far as the receipts of the legs tell.
    private func outcome(_ verdict: Decision.Verdict) async -> TradeOutcome {
        guard verdict == .aborted else { return .committed }
        if let leg = try? TradePlan.operationID(.leg, of: id) {
            for (record, _) in trade.legs {
                guard let receipt = try? await host.store.operation(leg, of: record.id), let error = receipt.lastError
                else { continue }
                return .aborted(TradeAbort(cause: .refused, record: record.id, message: error))
            }
        }
        return .aborted(TradeAbort(cause: .unknown, record: nil, message: "it was aborted"))
    }
}

/// What a record said against its part of a trade.
struct TradeRefusal: Error {
    let record: RecordID
    let reason: any Error
}

extension TradeAbort {
    fileprivate init(_ reason: any Error) {
        let refusal = reason as? TradeRefusal
        let record = refusal?.record ?? (reason as? ProfileError)?.record
        self.init(cause: .refused, record: record, message: String("\(refusal?.reason ?? reason)".prefix(500)))
    }
}
