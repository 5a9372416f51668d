public import HoldfastStorage

/// What a check of a ledger found.
public struct LedgerReport: Sendable, Equatable {
    /// What does not add up.
    public enum Fault: Sendable, Equatable {
        /// The lines of a posting do not cancel out, or break another rule of postings.
        case invalid(RandomID, problem: String)
        /// A posting is missing in the log of one of its accounts, or is another one there.
        case incomplete(RandomID)
        /// The balance of an account leaves Int64.
        case overflow(account: String)
        /// A document holds another amount than its account.
        case differs(account: String, ledger: Int64, document: Int64)
    }

    /// How many postings there are.
    public var postings = 0
    /// Every account's balance; all of them together are 0 where there is no fault.
    public var balances: [String: Int64] = [:]
    /// In the order in which they were found.
    public var faults: [Fault] = []
}

extension GeneralLedger {
    /// Reads the whole ledger and adds it up.
    ///
    /// What is booked meanwhile is left out: postings of the last ten seconds before its start, and later ones. It
    /// keeps every balance and, of postings, their ids in memory. A document may be ahead of or behind its account by
    /// what a trade has set aside, or by operations that are pending: ask again about those that differ.
    ///
    /// - Parameter document: The amount that an account's document holds; nil for accounts without one, `mint` for
    ///   example.
    /// - Throws: ``ProfileError`` as ``lines(of:after:)``; whatever the closure throws.
    public func check(
        document: (_ account: String) async throws -> Int64? = { _ in nil }
    ) async throws -> LedgerReport {
        let newest = WallClock.milliseconds() - 10_000
        return try await check(before: newest, document: document)
    }

    func check(
        before newest: Int64, document: (_ account: String) async throws -> Int64?
    ) async throws -> LedgerReport {
        var sum = LedgerSum()
        for shard in 0..<Self.shards {
            var position: Int64 = 0
            while true {
                let page = try await page(shard, after: position)
                for entry in page where entry.createdAtMillis < newest {
                    sum.add(try Self.posting(entry), foundIn: shard)
                }
                guard page.count == 1_000, let last = page.last else { break }
                position = last.sequence
            }
        }
        var report = sum.report()
        for (account, balance) in report.balances.sorted(by: { $0.key < $1.key }) {
            guard let held = try await document(account), held != balance else { continue }
            report.faults.append(.differs(account: account, ledger: balance, document: held))
        }
        return report
    }
}

/// Adds up postings as they come from the logs, each from the log of every account of it.
struct LedgerSum {
    private struct Seen: Equatable {
        let lines: [Posting.Line]
        var shards: Set<Int>
    }

    private var seen: [RandomID: Seen] = [:]
    private var result = LedgerReport()
    private var overflowed: Set<String> = []

    mutating func add(_ posting: Posting, foundIn shard: Int) {
        if var before = seen[posting.id] {
            if before.lines != posting.lines { result.faults.append(.incomplete(posting.id)) }
            before.shards.insert(shard)
            seen[posting.id] = before
        } else {
            seen[posting.id] = Seen(lines: posting.lines, shards: [shard])
            result.postings += 1
            if let problem = posting.problem { result.faults.append(.invalid(posting.id, problem: problem)) }
        }
        for line in posting.lines where GeneralLedger.shard(of: line.account) == shard {
            let (sum, overflow) = result.balances[line.account, default: 0].addingReportingOverflow(line.amount)
            if overflow, overflowed.insert(line.account).inserted {
                result.faults.append(.overflow(account: line.account))
            }
            result.balances[line.account] = sum
        }
    }

    func report() -> LedgerReport {
        var result = result
        for (id, posting) in seen.sorted(by: { $0.key < $1.key })
        where posting.shards != Set(posting.lines.map { GeneralLedger.shard(of: $0.account) }) {
            result.faults.append(.incomplete(id))
        }
        return result
    }
}
