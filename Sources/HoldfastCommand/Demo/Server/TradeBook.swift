import HoldfastProfiles
import Synchronization

/// Journals and counts the transactions of one server.
final class TradeBook: Sendable {
    private let server: String
    private let journal: DemoJournal
    private let counters: DemoCounters
    private let last = Mutex(0)

    init(server: String, journal: DemoJournal, counters: DemoCounters) {
        self.server = server
        self.journal = journal
        self.counters = counters
    }

    /// Writes down that coins went from one record to another.
    func write(_ amount: Int, from: (key: String, receipt: SaveReceipt), to: (key: String, receipt: SaveReceipt)) {
        let number = last.withLock { last in
            last += 1
            return last
        }
        journal.write(
            "traded",
            [
                ("id", "\(server):\(number)"), ("amount", .integer(Int64(amount))),
                ("from", .string(from.key)), ("to", .string(to.key)),
                ("fromVersion", .integer(from.receipt.version)), ("toVersion", .integer(to.receipt.version)),
                ("fromOwner", "\(from.receipt.nonce)"), ("toOwner", "\(to.receipt.nonce)"),
            ])
        counters.update { $0.trades += 1 }
    }
}
