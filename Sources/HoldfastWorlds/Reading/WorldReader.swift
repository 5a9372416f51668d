import HoldfastProfiles
public import HoldfastStorage

/// Reads worlds from a store as they were last saved, without a lock and without Redis.
public struct WorldReader: Sendable {
    private let store: any DurableStore
    private let collection: CollectionName
    /// Decodes the fields of a world.
    private let fields: @Sendable (Content, Key) async throws(StoreError) -> World

    /// Names the store and the collection in it, for tools; a game has the reader of its ``WorldStore``.
    ///
    /// - Parameter schema: The newest schema of the fields that the caller knows.
    /// - Throws: `StoreError` with code `badInput` for a bad name.
    public init(
        _ store: any DurableStore, collection: String = WorldStore.collectionName, schema: Int = 1
    ) throws(StoreError) {
        let name = try CollectionName(collection)
        let markers = SchemaMarkers(collection: name, store: store)
        self.init(store, name) { content, _ throws(StoreError) in
            if content.schema > schema, try await markers.oldestReader(of: content.schema) ?? .max > schema {
                throw StoreError(
                    .newerSchema, "the world was stored with schema \(content.schema); this build reads up to \(schema)"
                )
            }
            let document = try content.payload.document()
            do {
                return try DocumentDecoder().decode(World.self, from: try CanonicalJSON.parse(document)).value
            } catch {
                throw StoreError(.corrupt, "the record is no world: \(error)", underlying: error)
            }
        }
    }

    init(
        _ store: any DurableStore, _ collection: CollectionName,
        fields: @escaping @Sendable (Content, Key) async throws(StoreError) -> World
    ) {
        self.store = store
        self.collection = collection
        self.fields = fields
    }

    /// Lists the saved worlds of one owner in the order of their names.
    ///
    /// - Throws: `StoreError`: `unavailable`.
    public func worlds(of owner: String) async throws(StoreError) -> [WorldSummary] {
        var worlds: [WorldSummary] = []
        var last: Key?
        repeat {
            let page = try await store.list(
                collection, startingWith: Array("\(owner):".utf8), after: last, limit: 1_000)
            for row in page {
                // The prefix also begins the keys of an owner whose id goes on with a colon.
                guard let id = WorldID(row.key), id.isOwned(by: owner) else { continue }
                let parts = try await store.partSummary(of: record(id))
                worlds.append(
                    WorldSummary(
                        id: id, version: row.version, chunks: parts.count, storedBytes: row.storedBytes + parts.bytes,
                        savedAtMillis: row.updatedAtMillis))
            }
            last = page.count == 1_000 ? page.last?.key : nil
        } while last != nil
        return worlds
    }

    /// Reads a whole world; nil when it was never saved or was deleted.
    ///
    /// One that is saved meanwhile is read again, so that fields and chunks are of one version.
    ///
    /// - Throws: `StoreError`: `unavailable`, also when it was saved during each of five readings; `corrupt`,
    ///   `newerSchema`. Damaged chunks are refused when they are taken from the world.
    public func world(_ id: WorldID) async throws(StoreError) -> WorldSnapshot? {
        guard let whole = try await store.whole(record(id)), let content = whole.record.content else { return nil }
        var world = try await fields(content, id.key)
        do throws(WorldError) {
            try world.chunks.take(whole.parts)
        } catch {
            throw StoreError(.newerSchema, error.message)
        }
        return WorldSnapshot(
            id: id, world: world, version: whole.record.version, holder: whole.record.owner,
            storedBytes: whole.parts.reduce(content.payload.bytes.count) { $0 + $1.payload.bytes.count },
            savedAtMillis: whole.record.updatedAtMillis)
    }

    /// Reads one stored chunk by itself; nil when it is as generated, or the world was never saved.
    ///
    /// - Throws: `StoreError`: `unavailable`; `corrupt`, `newerSchema` for a chunk that cannot be read.
    public func chunk(at position: ChunkPosition, of id: WorldID) async throws(StoreError) -> Chunk? {
        guard let part = try await store.parts(of: record(id), names: [position.partName]).first ?? nil else {
            return nil
        }
        do throws(WorldError) {
            return try ChunkCodec.decode(part.payload)
        } catch {
            throw StoreError(
                error.code == .newerFormat ? .newerSchema : .corrupt, "chunk \(position): \(error.message)",
                underlying: error)
        }
    }

    private func record(_ id: WorldID) -> RecordID { RecordID(collection: collection, key: id.key) }
}
