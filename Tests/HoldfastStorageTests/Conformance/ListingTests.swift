import HoldfastStorage
import Testing

@Suite("Every store: listing and layout")
struct ListingTests {
    @Test("records are listed by the bytes of their keys, by prefix and from a cursor", arguments: StoreKind.allCases)
    func lists(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let keys = [
                "a", "A", "aa", "ab", "a\u{0}", "b", "e\u{301}", "\u{e9}", "{x}:*?", "🦉",
                String(repeating: "k", count: 256),
            ]
            for key in keys {
                let session = try StoreActor(key)
                _ = try await session.seal(store)
                #expect(try await session.save(store, key) == .committed)
            }
            _ = try await StoreActor("never saved").seal(store)
            let elsewhere = try StoreActor("a", in: "other.collection-1")
            _ = try await elsewhere.seal(store)
            _ = try await elsewhere.save(store, "x")

            let collection = try CollectionName("players")
            func list(_ prefix: [UInt8], after: Key? = nil, limit: Int = 100) async throws -> [[UInt8]] {
                try await store.list(collection, startingWith: prefix, after: after, limit: limit).map(\.key.bytes)
            }
            let sorted = keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(try await list([]) == sorted)
            #expect(try await list(Array("a".utf8)) == ["a", "a\u{0}", "aa", "ab"].map { Array($0.utf8) })
            #expect(try await list(Array("zz".utf8)) == [])
            #expect(try await list([0xFF]) == [])
            #expect(try await list(Array("a".utf8), after: Key("a\u{0}")) == ["aa", "ab"].map { Array($0.utf8) })
            #expect(try await list(Array("b".utf8), after: Key("a")) == [Array("b".utf8)])
            #expect(try await list(Array("a".utf8), after: Key("b")) == [])
            var pages: [[UInt8]] = []
            var cursor: Key?
            while case let page = try await list([], after: cursor, limit: 3), let last = page.last {
                pages += page
                cursor = try Key(bytes: last)
            }
            #expect(pages == sorted)

            let summary = try #require(
                await store.list(collection, startingWith: Array("🦉".utf8), after: nil, limit: 1).first)
            #expect(summary.version == 1 && summary.schema == 3 && summary.documentBytes == #"{"text":"🦉"}"#.utf8.count)
            #expect(summary.storedBytes == summary.documentBytes + 1)
            let collections = try await store.collections()
            #expect(collections.map(\.name.description) == ["other.collection-1", "players"])
            #expect(collections.map(\.records) == [1, keys.count])
        }
    }

    @Test("a page has 1 to 1,000 rows", arguments: StoreKind.allCases, [0, -1, 1_001])
    func boundsPages(kind: StoreKind, limit: Int) async throws {
        try await withStore(kind) { store in
            let record = try StoreActor().id
            let list = await #expect(throws: StoreError.self) {
                try await store.list(record.collection, startingWith: [], after: nil, limit: limit)
            }
            #expect(list?.code == .badInput)
            let operations = await #expect(throws: StoreError.self) {
                try await store.operations(of: record, after: 0, limit: limit)
            }
            #expect(operations?.code == .badInput)
        }
    }

    @Test("migrating again keeps the deployment's id and stores the timings given", arguments: StoreKind.allCases)
    func migratesAgain(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let first = try await store.deployment()
            #expect(
                first.timings == DeploymentTimings() && first.schema == 3
                    && first.minimumReader == 1)
            let timings = DeploymentTimings(leaseMillis: 3_000, renewMillis: 1_000, beatMillis: 100)
            let second = try await store.migrate(timings)
            #expect(second.id == first.id && second.timings == timings)
            #expect(try await store.deployment() == second)
        }
    }

    @Test("several handles may migrate at once and see one deployment", arguments: StoreKind.allCases)
    func migratesTogether(kind: StoreKind) async throws {
        try await withStores(kind, 4) { stores in
            let ids = try await withThrowingTaskGroup(returning: Set<RandomID>.self) { tasks in
                for store in stores { tasks.addTask { try await store.migrate(DeploymentTimings()).id } }
                return try await tasks.reduce(into: []) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }
    }

    @Test("a store says what it is, and a closed one refuses", arguments: StoreKind.allCases)
    func describesItself(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let status = try await store.status()
            #expect(
                !status.kind.isEmpty && !status.version.isEmpty
                    && status.schema == 3)
            await store.close()
            let session = try StoreActor()
            let read = await #expect(throws: StoreError.self) { try await store.read(session.id) }
            #expect(read?.code == .closed)
            let group = await #expect(throws: StoreError.self) { try await session.seal(store) }
            #expect(group?.code == .closed)
        }
    }
}
