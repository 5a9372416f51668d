import HoldfastStorage

extension Session {
    /// Starts the legs of trades among pending operations, and returns the others.
    ///
    /// A leg is a transaction of its own and nothing is built on it before it is committed: where the trade turns out
    /// to be aborted, the document simply stays.
    func startLegs(_ operations: [OperationRecord]) -> [OperationRecord] {
        let legs = operations.filter { $0.type == TradePlan.operationType }
        guard !legs.isEmpty else { return operations }
        for leg in legs where !isFallback && state.withLock({ $0.known.insert(leg.id).inserted }) {
            if !host.jobs.submit({ await self.carryOut(leg) }) { forget(leg) }
        }
        return operations.filter { $0.type != TradePlan.operationType }
    }

    /// Has the store asked for the leg once more.
    private func forget(_ leg: OperationRecord) {
        state.withLock { _ = $0.known.remove(leg.id) }
    }

    private func carryOut(_ operation: OperationRecord) async {
        do {
            let message = try? TradeMessage(operation)
            if let message {
                _ = try await host.diagnostics.inStep(
                    .trade("leg", message.plan.id, of: id), outcome: \.self
                ) { try await carryOut(message, operation) }
            } else {
                try await settle(
                    operation, .dead, "it is no leg of a trade; a leg cannot be delivered under another id")
            }
            host.receipts.signal(id)
        } catch {
            forget(operation)
            host.logger.debug(
                "a leg of a trade is tried again", metadata: ["holdfast.record": "\(id)", "holdfast.error": "\(error)"])
            guard !isEnded, (try? await Task.sleep(for: .milliseconds(100))) != nil else { return }
            host.hints.add(id)
        }
    }

    /// Takes part in a trade, or refuses to; what came of it, in one word.
    private func carryOut(_ message: TradeMessage, _ operation: OperationRecord) async throws -> String {
        do {
            let outcome = try await commit(operation, .applied, message) { scope in
                try scope.apply(message, as: operation.id)
            }
            if case .committed = outcome { host.metrics.tradeLegs.increment() }
            return outcome.word
        } catch let refusal as TransactionRefusal {
            let reason = String("\(refusal.reason)".prefix(500))
            host.metrics.tradeRefusals.increment()
            _ = try await commit(operation, .cancelled, message, reason) { scope in
                scope.extras.add(try message.plan.refused(at: message.position))
            }
            return "refused"
        }
    }

    /// Commits a step with the leg's receipt; where the trade was decided before, the receipt alone.
    private func commit(
        _ operation: OperationRecord, _ state: OperationState, _ message: TradeMessage, _ reason: String? = nil,
        _ change: (inout TransactionScope) throws -> Void
    ) async throws -> TransactionRun.Outcome {
        let run = try TransactionRun([self], host: host)
        let (_, outcome) = try await run.carryOut(until: .now + host.configuration.saveTimeout) { scope in
            scope.extras.settlements = [Self.settlement(operation, state, reason)]
            try change(&scope)
        }
        switch outcome {
        case .committed, .settledElsewhere: break
        case .decided(.aborted): try await settle(operation, .cancelled, reason)
        case .decided(.committed):
            host.logger.critical(
                "a trade was committed without one of its legs",
                metadata: ["holdfast.record": "\(id)", "holdfast.trade": "\(message.plan.id)"])
            try await settle(operation, .dead, "the trade was committed without this leg")
        }
        return outcome
    }

    private func settle(_ operation: OperationRecord, _ state: OperationState, _ reason: String?) async throws {
        _ = try await TransactionRun([self], host: host).carryOut(until: .now + host.configuration.saveTimeout) {
            $0.extras.settlements = [Self.settlement(operation, state, reason)]
        }
    }

    private static func settlement(
        _ operation: OperationRecord, _ state: OperationState, _ reason: String?
    ) -> Settlement {
        Settlement(
            record: operation.record, id: operation.id, state: state, attempts: operation.attempts + 1,
            lastError: reason)
    }
}

extension TransactionScope {
    /// Applies a leg of a chain to the only record, with what its commit brings.
    fileprivate mutating func apply(_ message: TradeMessage, as id: OperationID) throws {
        try apply(message.leg.take, as: id, at: 0)
        if message.plan.isLast(message.position) {
            try apply(message.leg.give, as: id, at: 0)
        } else {
            try tryOut(message.leg.give, as: id, at: 0)
        }
        extras.add(try message.plan.applied(at: message.position))
    }
}

extension CommitExtras {
    mutating func add(_ effects: TradePlan.Effects) {
        decision = effects.decision
        deliveries += effects.deliveries
        entries += effects.entries
    }
}
