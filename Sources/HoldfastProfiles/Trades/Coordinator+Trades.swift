public import HoldfastStorage

extension Coordinator {
    /// Lets things change hands between any number of records, live here, live elsewhere or offline: all or nothing,
    /// durable when decided.
    ///
    /// What is live here or free is changed in one transaction, and if that is everything, the trade is that
    /// transaction. Otherwise what is given away here is set aside in a commit that notes the trade, each record that
    /// is live elsewhere then gives its part in turn, and the last one decides the trade in the commit of its part. A
    /// refusal aborts it and gives back what was set aside in the same commit; so does any server once the trade's time
    /// is over.
    ///
    ///     let outcome = try await coordinator.trade(id: "offer:\(offer)") { trade in
    ///         try trade.take(TakeItem("sword"), from: seller, in: players, refund: GiveItem("sword"))
    ///         try trade.give(GiveCoins(500), to: seller, in: players)
    ///         try trade.take(TakeCoins(500), from: buyer, in: players, refund: GiveCoins(500))
    ///         try trade.give(GiveItem("sword"), to: buyer, in: players)
    ///     }
    ///
    /// - Parameters:
    ///   - id: 1 to ``Trade/maximumIDBytes`` bytes, one for each trade for ever. Calling again with an id never trades
    ///     twice: it tells what became of the trade, and carries it out only where nothing was decided or begun.
    ///   - timeout: Until when it must be decided, 100 ms to one hour; default
    ///     ``CoordinatorConfiguration/saveTimeout``.
    ///   - build: Says what changes hands.
    /// - Throws: ``ProfileError``: `badInput`; `held` when none of those who give is live here or free; `notFound` for
    ///   a record that was never saved; `unavailable`, `busy`, `deadline`, `notReady`, `shuttingDown`; what ended one
    ///   of the sessions here, such as `fenced`; whatever `build` throws. Nothing was begun then. After
    ///   `outcomeUnknown`, which a coordinator that stops meanwhile throws, too, and after `cancelled`, ask for the
    ///   verdict, or call again with the same id: a trade that was begun goes on, and any other server ends it.
    public func trade(
        id: String, timeout: Duration? = nil, _ build: (inout Trade) throws -> Void
    ) async throws -> TradeOutcome {
        let timeout = timeout ?? host.configuration.saveTimeout
        guard timeout >= .milliseconds(100), timeout <= Trade.longestTimeout else {
            throw ProfileError(.badInput, "a trade has 100 ms to one hour")
        }
        var trade = Trade()
        try build(&trade)
        try trade.check(id)
        let began = ContinuousClock.now
        let deadline = began + timeout
        try await readiness.wait(until: deadline)
        let run = TradeRun(id: id, trade: trade, timeout: timeout, deadline: deadline, host: host, readiness: readiness)
        do {
            let outcome = try await host.diagnostics.inStep(.trade("trade", id), outcome: \.word) {
                try await run.carryOut()
            }
            host.metrics.traded(outcome, after: began.duration(to: .now))
            return outcome
        } catch {
            host.metrics.tradeFailed(error)
            throw error
        }
    }

    /// Reads what became of a trade; nil while it is undecided, or where there was never one with this id.
    ///
    /// - Throws: ``ProfileError`` with code `unavailable`.
    public func tradeVerdict(_ id: String) async throws(ProfileError) -> Decision.Verdict? {
        do {
            return try await host.store.verdict(of: TradePlan.decisionID(of: id))
        } catch {
            throw ProfileError(error)
        }
    }
}
