import HoldfastProfiles
import HoldfastStorage
import Synchronization

/// Deletes the profiles of one collection, many at a time so that they commit in groups.
final class CollectionDrop: Sendable {
    /// Enough to fill the store's groups while others wait for their commit.
    private static let width = 128
    /// The most keys of held profiles that are named.
    private static let named = 1_000

    private let collection: CollectionName
    let progress: Progress
    private let counted = Mutex((deleted: 0, held: [String]()))

    init(collection: CollectionName, progress: Progress) {
        self.collection = collection
        self.progress = progress
    }

    /// How many are gone by now, and the first of those that somebody holds.
    var counts: (deleted: Int, held: [String]) { counted.withLock { $0 } }

    /// Goes through the collection once; a cancellation ends it between profiles.
    func perform(_ coordinator: Coordinator) async throws {
        let profiles = try coordinator.documents(collection.description)
        var after: Key?
        while true {
            let page = try await profiles.list(after: after, limit: 1_000).map(\.key)
            guard let last = page.last else { return }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, key) in page.enumerated() {
                    try Task.checkCancellation()
                    if index >= Self.width { try await group.next() }
                    group.addTask { try await self.delete(key, of: profiles) }
                }
                try await group.waitForAll()
            }
            after = last
        }
    }

    private func delete(_ key: Key, of profiles: ProfileCollection<JSONValue>) async throws {
        do {
            try await profiles.deleteQuietly(key)
            counted.withLock { $0.deleted += 1 }
        } catch {
            let failure = CommandError(error, key: key.description)
            guard [.held, .fenced].contains(failure.code) else { throw failure }
            counted.withLock { if $0.held.count < Self.named { $0.held.append(key.description) } }
        }
        progress.advance(items: 1)
    }
}
