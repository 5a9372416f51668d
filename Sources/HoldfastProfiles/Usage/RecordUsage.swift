public import HoldfastStorage

/// What one record takes, against the limits of the store.
public struct RecordUsage: Sendable, Equatable {
    /// The record.
    public let id: RecordID
    /// Each once, in the order of ``UsageMeasure/Subject``.
    public let measures: [UsageMeasure]

    /// Whether any limit is close.
    public var isWarning: Bool { measures.contains(where: \.isWarning) }

    /// Finds one measure; zero of no limit where it was not taken.
    public subscript(subject: UsageMeasure.Subject) -> UsageMeasure {
        measures.first { $0.subject == subject } ?? UsageMeasure(subject: subject, used: 0, limit: nil)
    }

    /// Measures a record without a lease; nil where nothing is saved.
    ///
    /// Reads its parts and the list of its history.
    ///
    /// - Throws: ``ProfileError``: `unavailable`.
    public static func measure(
        _ id: RecordID, in store: any DurableStore
    ) async throws(ProfileError) -> RecordUsage? {
        do throws(StoreError) {
            guard let content = try await store.read(id)?.content else { return nil }
            let own = measures(of: content)
            let (parts, history) = (try await parts(of: id, in: store), try await history(of: id, in: store))
            let pending = try await store.pendingOperations(of: [id]).count
            let used: [(UsageMeasure.Subject, Int, Int?)] = [
                (.pendingOperations, pending, DurableStoreLimits.pending),
                (.parts, parts.count, nil), (.partBytes, parts.bytes, nil),
                (.largestPartBytes, parts.largest, PartPayload.maximumBytes),
                (.historyVersions, history.count, nil), (.historyBytes, history.bytes, nil),
            ]
            return RecordUsage(
                id: id, measures: own + used.map { UsageMeasure(subject: $0.0, used: $0.1, limit: $0.2) })
        } catch {
            throw ProfileError(error, record: id)
        }
    }

    /// What a document takes, with what travels beside it.
    static func measures(of content: Content) -> [UsageMeasure] {
        let used: [(UsageMeasure.Subject, Int, Int?)] = [
            (.documentBytes, content.payload.documentBytes, DurableStoreLimits.documentBytes),
            (.storedBytes, content.payload.bytes.count, nil),
            (.metadataBytes, content.metadata?.count ?? 0, DurableStoreLimits.documentBytes),
            (.userIds, content.userIDs.count, Content.maximumUserIDs),
            (.userIdBytes, content.userIDs.map(\.utf8.count).max() ?? 0, Erasure.maximumUserIDBytes),
        ]
        return used.map { UsageMeasure(subject: $0.0, used: $0.1, limit: $0.2) }
    }

    private static func parts(
        of id: RecordID, in store: any DurableStore
    ) async throws(StoreError) -> (count: Int, bytes: Int, largest: Int) {
        let (count, bytes) = try await store.partSummary(of: id)
        var largest = 0
        var after: PartName?
        // A page holds its payloads, so it is a small one.
        while case let page = try await store.parts(of: id, startingWith: [], after: after, limit: 64), !page.isEmpty {
            largest = page.reduce(largest) { max($0, $1.payload.bytes.count) }
            after = page.last?.name
        }
        return (count, bytes, largest)
    }

    private static func history(
        of id: RecordID, in store: any DurableStore
    ) async throws(StoreError) -> (count: Int, bytes: Int) {
        var (count, bytes) = (0, 0)
        var before: Int64?
        while case let page = try await store.history(of: id, before: before, limit: 1_000), !page.isEmpty {
            count += page.count
            bytes += page.reduce(0) { $0 + $1.storedBytes }
            before = page.last?.version
        }
        return (count, bytes)
    }
}

extension ProfileCollection {
    /// Measures a profile against the limits, as it was last saved and without a lease; nil where nothing is saved.
    ///
    /// - Throws: ``ProfileError``: `unavailable`.
    public func usage(of key: Key) async throws(ProfileError) -> RecordUsage? {
        try await RecordUsage.measure(RecordID(collection: name, key: key), in: host.store)
    }

    /// Measures the whole collection; looks at each of its rows.
    ///
    /// - Throws: ``ProfileError``: `unavailable`.
    public func usage() async throws(ProfileError) -> CollectionUsage {
        try await CollectionUsage.measure(name, in: host.store)
    }
}
