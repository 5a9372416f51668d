public import HoldfastStorage

/// What of one record cannot be read, as a look at all of its stored bytes found it.
///
/// Damaged bytes are never overwritten by themselves: opens and reads refuse them as `corrupt` until a repair.
public struct RecordDamage: Sendable, Equatable {
    /// The record.
    public let id: RecordID
    /// What is wrong with its document; nil where that is sound, or there is none.
    public internal(set) var document: String?
    /// Parts that do not match their checksum, in order of name.
    public internal(set) var parts: [PartName] = []
    /// Kept versions that cannot be read, newest first; not those that a repair has put there.
    public internal(set) var versions: [Int64] = []

    /// Whether nothing is wrong.
    public var isNone: Bool { document == nil && parts.isEmpty && versions.isEmpty }

    /// Looks at a record's document, parts and history, without a lease.
    ///
    /// Reads and unpacks everything that is stored of it, and parses documents. What a newer build wrote is not
    /// damaged.
    ///
    /// - Throws: ``ProfileError``: `unavailable`; `corrupt` where the row cannot be read at all.
    public static func look(
        at id: RecordID, in store: any DurableStore
    ) async throws(ProfileError) -> RecordDamage {
        var damage = RecordDamage(id: id)
        do throws(StoreError) {
            if let content = try await store.read(id)?.content { damage.document = problem(in: content) }
            var after: PartName?
            // A page holds its payloads, so it is a small one.
            while case let page = try await store.parts(of: id, startingWith: [], after: after, limit: 64),
                let last = page.last
            {
                for part in page where (try? part.payload.verified()) == nil { damage.parts.append(part.name) }
                after = last.name
            }
            var before: Int64?
            while case let page = try await store.history(of: id, before: before, limit: 1_000), let last = page.last {
                for entry in page where entry.reason != Self.quarantineReason {
                    if try await isDamaged(entry, of: id, in: store) { damage.versions.append(entry.version) }
                }
                before = last.version
            }
        } catch {
            throw ProfileError(error, record: id)
        }
        return damage
    }

    private static func isDamaged(
        _ entry: HistoryEntry, of id: RecordID, in store: any DurableStore
    ) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            guard let content = try await store.historyContent(of: id, version: entry.version) else { return false }
            return problem(in: content) != nil
        } catch {
            guard error.code == .corrupt else { throw error }
            return true
        }
    }

    /// Looks at every saved record of a collection, in key order; `found` is called for each that is damaged.
    ///
    /// - Returns: How many records there are.
    /// - Throws: ``ProfileError`` with code `unavailable`, `cancelled`; what `found` throws.
    public static func scan(
        _ collection: CollectionName, in store: any DurableStore, found: (RecordDamage) async throws -> Void
    ) async throws -> Int {
        var count = 0
        var after: Key?
        while case let page = try await page(of: collection, after: after, in: store), let last = page.last {
            for summary in page {
                guard !Task.isCancelled else { throw ProfileError(.cancelled, "the scan was abandoned") }
                let id = RecordID(collection: collection, key: summary.key)
                let damage: RecordDamage
                do throws(ProfileError) {
                    damage = try await look(at: id, in: store)
                } catch {
                    guard error.code == .corrupt else { throw error }
                    damage = RecordDamage(id: id, document: error.message)
                }
                if !damage.isNone { try await found(damage) }
            }
            count += page.count
            after = last.key
        }
        return count
    }

    private static func page(
        of collection: CollectionName, after: Key?, in store: any DurableStore
    ) async throws(ProfileError) -> [RecordSummary] {
        do {
            return try await store.list(collection, startingWith: [], after: after, limit: 1_000)
        } catch {
            throw ProfileError(error)
        }
    }

    /// The reason of kept versions that a repair took out of the way.
    static let quarantineReason = "quarantine"

    /// What is wrong with a document and its metadata; nil where both can be read.
    static func problem(in content: Content) -> String? {
        do throws(StoreError) {
            let document = try content.payload.document()
            guard document.count == content.payload.documentBytes else {
                return
                    "a document of \(document.count) bytes is not the \(content.payload.documentBytes) that were saved"
            }
            guard (try? CanonicalJSON.parse(document)) != nil else { return "the document is no JSON" }
        } catch {
            return error.code == .corrupt ? error.message : nil
        }
        guard content.metadata.map({ (try? CanonicalJSON.parse($0)) != nil }) ?? true else {
            return "the metadata is no JSON"
        }
        return nil
    }
}
