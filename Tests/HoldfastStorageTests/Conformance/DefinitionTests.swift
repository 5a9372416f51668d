import HoldfastStorage
import Testing

@Suite("Every store: definitions")
struct DefinitionTests {
    private let name: SpaceName

    init() throws {
        name = try SpaceName("board:arena")
    }

    @Test("a definition is written where its version stands, and only there", arguments: StoreKind.allCases)
    func puts(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            #expect(try await store.find(name) == nil)
            #expect(try await store.put(name, bytes("1"), over: 1) == .conflict(nil))
            #expect(try await store.put(name, bytes("1"), over: 0) == .stored(version: 1))
            let first = try #require(await store.find(name))
            #expect(first.version == 1 && first.value == bytes("1") && first.name == name)
            #expect(first.updatedAtMillis > 1_600_000_000_000)
            #expect(try await store.put(name, bytes("2"), over: 0) == .conflict(first))
            #expect(try await store.put(name, bytes("2"), over: 1) == .stored(version: 2))
            let second = try await store.find(name)
            #expect(try await store.put(name, nil, over: 1) == .conflict(second))
            #expect(try await store.find(name)?.value == bytes("2"))
        }
    }

    @Test("a removed definition is gone, and its versions go on", arguments: StoreKind.allCases)
    func removes(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            #expect(try await store.put(name, nil, over: 0) == .stored(version: 0))
            _ = try await store.put(name, bytes("1"), over: 0)
            #expect(try await store.put(name, nil, over: 1) == .stored(version: 0))
            #expect(try await store.find(name) == nil)
            #expect(try await store.definitions(startingWith: [], after: nil, limit: 9).isEmpty)
            #expect(try await store.put(name, nil, over: 1) == .conflict(nil))
            // Who read the first one must not overwrite its successor.
            #expect(try await store.put(name, bytes("3"), over: 0) == .stored(version: 3))
            let standing = try #require(await store.find(name))
            #expect(try await store.put(name, bytes("x"), over: 1) == .conflict(standing))
        }
    }

    @Test("of several writers over one version one wins", arguments: StoreKind.allCases)
    func races(kind: StoreKind) async throws {
        try await withStores(kind, 2) { stores in
            for version in 0..<10 as Range<Int64> {
                let stored = try await withThrowingTaskGroup(returning: Int.self) { tasks in
                    for writer in 0..<6 {
                        tasks.addTask {
                            let outcome = try await stores[writer % 2].putDefinition(
                                name, value: bytes("\(writer)"), ifVersion: version)
                            return outcome == .stored(version: version + 1) ? 1 : 0
                        }
                    }
                    return try await tasks.reduce(0, +)
                }
                #expect(stored == 1)
            }
        }
    }

    @Test("definitions are listed by the bytes of their names", arguments: StoreKind.allCases)
    func lists(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for text in ["b:\u{e9}", "b:e\u{301}", "a:", "b:", "c"] {
                _ = try await store.put(SpaceName(text), bytes(text), over: 0)
            }
            let all = try await store.definitions(startingWith: bytes("b:"), after: nil, limit: 9)
            let expected = try ["b:", "b:e\u{301}", "b:\u{e9}"].map { try SpaceName($0) }
            #expect(all.map(\.name) == expected && all.map(\.value) == expected.map(\.bytes))
            let next = try await store.definitions(startingWith: bytes("b:"), after: expected[0], limit: 1)
            #expect(next.map(\.name) == [expected[1]])
        }
    }

    @Test("values outside the limits are refused as bad input", arguments: StoreKind.allCases)
    func checksInput(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let large = [UInt8](repeating: 0x20, count: 65_536)
            for (value, version) in [([], 0), (large + [0x20], 0), (large, -1)] as [([UInt8], Int64)] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.put(name, value, over: version)
                }
                #expect(error?.code == .badInput)
            }
            let stored = try await store.put(name, large, over: 0)
            #expect(stored == .stored(version: 1))
            #expect(try await store.find(name)?.value == large)
        }
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
