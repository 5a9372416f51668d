import HoldfastStorage

extension Coordinator {
    /// What the store needs done by any one server: trades that nobody decided end soon after their time, and about
    /// once an hour old receipts shrink, old versions go, and erasures that were interrupted are finished.
    func addUpkeep() throws(ProfileError) {
        try addDuty(name: "trades", every: host.configuration.renewal) { [host] in
            try await TradeRecovery(host: host).sweep()
        }
        try addDuty(name: "receipts", every: .seconds(3_600)) { [host] in
            let oldest = WallClock.milliseconds() - host.configuration.receiptRetention.wholeMilliseconds
            try await Self.inPages { limit in
                try await host.store.shortenReceipts(finishedBefore: oldest, limit: limit)
            }
        }
        try addDuty(name: "history", every: .seconds(3_600)) { [host] in
            let oldest = WallClock.milliseconds() - host.configuration.historyRetention.wholeMilliseconds
            try await Self.inPages { limit in
                try await host.store.pruneHistory(replacedBefore: oldest, limit: limit)
            }
        }
        try addDuty(name: "erasures", every: .seconds(6 * 3_600)) { [host] in
            let count = try await host.store.reapplyErasures()
            if count > 0 {
                host.logger.notice("erased again who was erased before", metadata: ["holdfast.records": "\(count)"])
            }
        }
    }

    /// Repeats a step until it finds less than it might.
    private static func inPages(_ step: (_ limit: Int) async throws -> Int) async throws {
        while try await step(DurableStoreLimits.page) == DurableStoreLimits.page {
            // In between others get their turn at the store.
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
