public import HoldfastProfiles
import HoldfastStorage

/// The worlds of a deployment, as this server opens, reads and lists them.
///
/// A world is a profile: its session holds the lease, saves on schedule and at shutdown under the fence, and hands over
/// when another server asks for it. Make one store per coordinator:
///
///     let worlds = try WorldStore(coordinator, terrain: Hills())
///     let session = try await worlds.open(WorldID(owner: "42"), ownerName: "Ada")
///     try session.edit { try $0.setBlock(3, at: BlockPosition(x: 10, y: 64, z: -3)) }
///     try await session.close()
public struct WorldStore: Sendable {
    /// The collection that worlds are records of, unless another one is named: `worlds`.
    public static let collectionName = "worlds"

    /// Reads worlds without a lock.
    public let reader: WorldReader
    /// The profiles that worlds are, for operations; what it reads without a lock are fields without chunks.
    public let collection: ProfileCollection<World>

    /// Makes the collection of worlds; once per coordinator and collection.
    ///
    /// - Parameters:
    ///   - collection: Where the records are.
    ///   - terrain: What unmodified chunks are made from; nil keeps every chunk that is set, for tools.
    ///   - template: A new world; by default one with a random seed, called after its owner's name once that is known.
    ///   - configure: Adds operations, migrations of the fields, projections and hooks.
    /// - Throws: `ProfileError` with code `badInput` for a bad name or one that is in use; what `configure` throws.
    public init(
        _ coordinator: Coordinator, collection: String = WorldStore.collectionName, terrain: (any TerrainGenerator)?,
        template: @escaping @Sendable (WorldID) -> World = { World(owner: $0.owner) },
        configure: (inout CollectionOptions<World>) throws(ProfileError) -> Void = { _ in }
    ) throws(ProfileError) {
        var options = CollectionOptions<World> { key in
            var world = WorldID(key).map(template) ?? World(owner: key.description)
            world.chunks.terrain = terrain
            return world
        }
        options.parts = PartCoding(
            changes: { try $0.chunks.changes(since: $1, seed: $0.seed, terrain: terrain) },
            saved: { world, written, parts in
                world.chunks.terrain = terrain
                world.chunks.stored(parts.writes, of: written.chunks, stored: parts.stored)
            },
            take: { world, parts in
                world.chunks.terrain = terrain
                try world.chunks.take(parts)
            },
            keep: { $0.chunks = $1.chunks },
            follow: { world, before, stored in
                world.chunks.terrain = terrain
                try world.chunks.follow(before.chunks, stored: stored)
            }
        )
        try configure(&options)
        let profiles = try coordinator.collection(collection, of: World.self, options: options)
        self.collection = profiles
        reader = WorldReader(profiles.store, profiles.name) { content, key throws(StoreError) in
            do throws(ProfileError) {
                return try await profiles.document(of: content, key)
            } catch {
                if let cause = error.underlying as? StoreError { throw cause }
                throw StoreError(error.code == .newerSchema ? .newerSchema : .corrupt, error.message, underlying: error)
            }
        }
    }

    /// Takes a world for this server, or makes it: lease, seal, fields and all stored chunks.
    ///
    /// A new world is durable with its first save. Chunks stay coded in memory; a damaged one is refused when it is
    /// needed, and keeps no other from being used.
    ///
    /// - Parameters:
    ///   - ownerName: Kept in the world; nil leaves it as it is.
    ///   - timeout: Default: the coordinator's.
    ///   - waits: False fails at once with `held` instead of asking a live holder to hand over.
    /// - Throws: `ProfileError`, as a profile's `open`.
    public func open(
        _ id: WorldID, ownerName: String? = nil, timeout: Duration? = nil, waits: Bool = true
    ) async throws(ProfileError) -> Session<World> {
        let session = try await collection.open(id.key, timeout: timeout, waits: waits)
        do {
            try Self.greet(session, id, ownerName)
        } catch {
            try? await session.close()
            throw error
        }
        return session
    }

    /// Opens a world for a server that is to host it.
    func claim(_ id: WorldID, ownerName: String?, timeout: Duration) async throws(ProfileError) -> Session<World> {
        try await collection.inStep("claim", of: id.key) { () async throws(ProfileError) in
            try await open(id, ownerName: ownerName, timeout: timeout)
        }
    }

    /// Opens a world for the length of `body`: lock and load before, durable save and release after.
    ///
    /// - Throws: `ProfileError`, as a profile's `withSession`; whatever the body throws.
    @discardableResult
    public func withSession<Result>(
        for id: WorldID, ownerName: String? = nil, timeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Session<World>) async throws -> sending Result
    ) async throws -> sending Result {
        try await collection.withSession(for: id.key, timeout: timeout) { session in
            try Self.greet(session, id, ownerName)
            return try await body(session)
        }
    }

    /// Makes what `open` learns of the owner part of the world, unless somebody is ending it or uses it: that can wait
    /// for the next time.
    private static func greet(_ session: Session<World>, _ id: WorldID, _ ownerName: String?) throws(ProfileError) {
        do throws(ProfileError) {
            try note(ownerName, of: id, in: session)
        } catch {
            guard error.code == .busy || error.code == .ended else { throw error }
        }
    }

    /// A change only where it is one.
    private static func note(
        _ ownerName: String?, of id: WorldID, in session: Session<World>
    ) throws(ProfileError) {
        if !session.userIDs.contains(id.owner) { try session.setUserIDs(session.userIDs + [id.owner]) }
        guard let ownerName, session.document.ownerName != ownerName else { return }
        do {
            try session.edit { world in
                world.ownerName = ownerName
                if world.name.isEmpty { world.name = "\(ownerName)'s World" }
            }
        } catch {
            throw error as? ProfileError ?? ProfileError(.internalError, "\(error)", record: session.id)
        }
    }
}
