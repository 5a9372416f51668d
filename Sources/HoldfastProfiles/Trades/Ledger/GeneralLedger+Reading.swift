import HoldfastStorage

/// A line of an account, with the posting that it is part of.
public struct LedgerLine: Sendable, Equatable {
    /// What the account got, or gave where it is negative.
    public let amount: Int64
    /// The whole posting.
    public let posting: Posting
    /// Milliseconds since 1970, UTC, by the store's clock.
    public let postedAtMillis: Int64
}

/// A part of an account's lines.
public struct LedgerPage: Sendable, Equatable {
    /// In the order in which they were booked; may be empty although more follow.
    public let lines: [LedgerLine]
    /// What the next page is asked with; nil when there is none.
    public let next: Int64?
}

extension GeneralLedger {
    /// Reads the lines of an account from the store; each page looks through 1,000 postings.
    ///
    /// - Parameter position: What the page before said; 0 begins.
    /// - Throws: ``ProfileError``: `unavailable`; `corrupt` for a posting that cannot be read.
    public func lines(of account: String, after position: Int64 = 0) async throws(ProfileError) -> LedgerPage {
        let page = try await page(Self.shard(of: account), after: position)
        var lines: [LedgerLine] = []
        for entry in page {
            let posting = try Self.posting(entry)
            guard let line = posting.lines.first(where: { $0.account == account }) else { continue }
            lines.append(LedgerLine(amount: line.amount, posting: posting, postedAtMillis: entry.createdAtMillis))
        }
        return LedgerPage(lines: lines, next: page.count == 1_000 ? page.last?.sequence : nil)
    }

    /// Adds up all lines of an account; looks through every posting of its log.
    ///
    /// - Throws: ``ProfileError`` as ``lines(of:after:)``; `conflict` where the sum leaves Int64.
    public func balance(of account: String) async throws(ProfileError) -> Int64 {
        var balance: Int64 = 0
        var next: Int64? = 0
        while let position = next {
            let page = try await lines(of: account, after: position)
            for line in page.lines {
                let (sum, overflow) = balance.addingReportingOverflow(line.amount)
                guard !overflow else { throw ProfileError(.conflict, "the balance of an account leaves Int64") }
                balance = sum
            }
            next = page.next
        }
        return balance
    }

    func page(_ shard: Int, after position: Int64) async throws(ProfileError) -> [LogEntry] {
        let log = try Self.log(name, shard: shard)
        do {
            return try await host.store.entries(of: log, after: position, limit: 1_000)?.entries ?? []
        } catch {
            throw ProfileError(error)
        }
    }

    static func posting(_ entry: LogEntry) throws(ProfileError) -> Posting {
        do {
            let json = try CanonicalJSON.parse(entry.value)
            return Posting(stored: try DocumentDecoder().decode(Posting.Stored.self, from: json).value, id: entry.id)
        } catch {
            throw ProfileError(.corrupt, "posting \(entry.id) cannot be read: \(error)", underlying: error)
        }
    }
}
