import HoldfastStorage

extension Coordinator {
    /// Shortens old receipts, soon after the start and then about once an hour.
    ///
    /// Every server does so: the store finds them by an index, and those that another has shortened are not found.
    func receiptsLoop() async {
        var pause = host.configuration.renewal
        while (try? await Task.sleep(for: pause * Double.random(in: 0.5...1))) != nil {
            await shortenReceipts()
            pause = .seconds(3_600)
        }
    }

    private func shortenReceipts() async {
        let oldest = WallClock.milliseconds() - host.configuration.receiptRetention.wholeMilliseconds
        do {
            while !Task.isCancelled {
                let count = try await host.store.shortenReceipts(finishedBefore: oldest, limit: 1_000)
                guard count == 1_000 else { return }
                // In between others get their turn at the store.
                try await Task.sleep(for: .milliseconds(50))
            }
        } catch {
            host.logger.debug("receipts were not shortened", metadata: ["holdfast.error": "\(error)"])
        }
    }
}
