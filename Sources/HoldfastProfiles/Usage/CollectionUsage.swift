public import HoldfastStorage

/// What a collection takes, and its largest records.
public struct CollectionUsage: Sendable, Equatable {
    /// The most records in ``largest``.
    public static let namedRecords = 10

    /// The collection.
    public let name: CollectionName
    /// The sums, added up by the store.
    public let totals: CollectionTotals
    /// The largest documents first, at most ``namedRecords``; of equal ones those that come first in the order of keys.
    public let largest: [RecordSummary]

    /// The largest document against the limit.
    public var measure: UsageMeasure { Self.measure(of: totals) }

    /// The largest document of a collection against the limit.
    public static func measure(of totals: CollectionTotals) -> UsageMeasure {
        UsageMeasure(
            subject: .documentBytes, used: totals.largestDocumentBytes, limit: DurableStoreLimits.documentBytes)
    }

    /// One document against the limit.
    public static func measure(of record: RecordSummary) -> UsageMeasure {
        UsageMeasure(subject: .documentBytes, used: record.documentBytes, limit: DurableStoreLimits.documentBytes)
    }

    /// Adds up a collection and lists it once; reads no documents.
    ///
    /// - Throws: ``ProfileError``: `unavailable`, `deadline` when it was cancelled.
    public static func measure(
        _ name: CollectionName, in store: any DurableStore
    ) async throws(ProfileError) -> CollectionUsage {
        do throws(StoreError) {
            let totals = try await store.totals(of: name)
            var largest: [RecordSummary] = []
            var after: Key?
            while case let page = try await store.list(name, startingWith: [], after: after, limit: 1_000),
                let last = page.last
            {
                guard !Task.isCancelled else { throw StoreError(.deadline, "the call was abandoned") }
                for record in page { insert(record, into: &largest) }
                after = last.key
            }
            return CollectionUsage(name: name, totals: totals, largest: largest)
        } catch {
            throw ProfileError(error)
        }
    }

    private static func insert(_ record: RecordSummary, into largest: inout [RecordSummary]) {
        let place = largest.firstIndex { $0.documentBytes < record.documentBytes } ?? largest.count
        guard place < namedRecords else { return }
        largest.insert(record, at: place)
        if largest.count > namedRecords { largest.removeLast() }
    }
}
