import HoldfastStorage
import Synchronization
import Testing

@Suite("Every store: parts of a record")
struct PartTests {
    @Test(
        "parts are written, replaced and removed beside the document, each at its own version",
        arguments: StoreKind.allCases)
    func writes(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var (session, other) = (try StoreActor("world"), try StoreActor("world", in: "others"))
            for actor in [session, other] { _ = try await actor.seal(store) }
            try await other.saved(store, "other", parts: [part("0:0", "other")])
            try await session.saved(store, "one", parts: [part("0:1"), part("0:0"), part("1:0")])
            try await session.saved(store, "two", parts: [part("0:1", "new"), part("1:0", nil), part("9:9", nil)])
            try await session.saved(store, "three")

            let parts = try await store.parts(of: session.id)
            #expect(parts.map(\.name.description) == ["0:0", "0:1"])
            #expect(parts.map(\.version) == [1, 2] && parts.map(\.text) == ["0:0 x", "0:1 new"])
            for part in parts { #expect(try part.payload.verified() == part.payload.bytes) }
            let names = try ["1:0", "0:1", "0:0", "0:1"].map { try PartName($0) }
            let named = try await store.parts(of: session.id, names: names)
            #expect(named == [nil, parts[1], parts[0], parts[1]])
            let summary = try await store.partSummary(of: session.id)
            #expect(summary == (count: 2, bytes: 12))
            #expect(try await store.parts(of: other.id).map(\.text) == ["0:0 other"])
            let none = try await store.partSummary(of: StoreActor("none").id)
            #expect(none == (count: 0, bytes: 0))
        }
    }

    @Test("parts are read in order of their bytes, by prefix and page", arguments: StoreKind.allCases)
    func pages(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor("world")
            _ = try await session.seal(store)
            let long = [UInt8](repeating: 0xFF, count: PartName.maximumBytes)
            let names: [[UInt8]] = [
                [0], [0, 0], [0x41], [0x41, 0], [0x41, 0xFF], [0x42], [0xFF], [0xFF, 0xFF], long,
            ]
            let parts = try names.shuffled().map {
                PartWrite(name: try PartName(bytes: $0), payload: PartPayload($0))
            }
            try await session.saved(store, "x", parts: parts)
            #expect(try await store.parts(of: session.id).map(\.name.bytes) == names)
            #expect(try await store.parts(of: session.id, [0x41]).map(\.payload.bytes) == Array(names[2...4]))
            #expect(try await store.parts(of: session.id, [0xFF]).map(\.name.bytes) == Array(names[6...]))
            #expect(try await store.parts(of: session.id, long).map(\.name.bytes) == [long])
            #expect(try await store.parts(of: session.id, [0x43]).isEmpty)
            // A cursor may lie before the prefix, within it or behind it.
            for (after, found) in [(0, 2...4), (2, 3...4), (3, 4...4)] {
                let cursor = try PartName(bytes: names[after])
                #expect(
                    try await store.parts(of: session.id, [0x41], after: cursor).map(\.name.bytes)
                        == Array(names[found]))
            }
            let behind = try PartName(bytes: [0x42])
            #expect(try await store.parts(of: session.id, [0x41], after: behind).isEmpty)
            var pages: [[UInt8]] = []
            while let page = Optional(
                try await store.parts(of: session.id, after: pages.last.map { try PartName(bytes: $0) }, limit: 2)),
                !page.isEmpty
            {
                #expect(page.count <= 2)
                pages += page.map(\.name.bytes)
            }
            #expect(pages == names)
        }
    }

    @Test("a refused write and a lost answer leave parts as they should be", arguments: StoreKind.allCases)
    func followsRecord(kind: StoreKind) async throws {
        try await withStore(kind) { inner in
            let store = FailingStore(inner) { call in call.number == 4 ? .after() : .none }
            var session = try StoreActor("world")
            _ = try await session.seal(store)
            try await session.saved(store, "one", parts: [part("a")])
            var stale = session.write(.content(try content("late")))
            stale.version = 0
            stale.parts = [try part("a", "late"), try part("b")]
            #expect(try await store.commit([stale]).refusedRows != nil)

            var write = session.write(.content(try content("two")))
            write.parts = [try part("a", "two"), try part("c")]
            let lost = await #expect(throws: StoreError.self) { try await store.commit([write]) }
            #expect(lost?.code == .outcomeUnknown)
            let row = try #require(await store.commit([write]).refusedRows?.first ?? nil)
            #expect(row.saveID == write.saveID)
            #expect(try await store.parts(of: session.id).map(\.text) == ["a two", "c x"])
            #expect(try await store.parts(of: session.id).map(\.version) == [2, 2])
        }
    }

    @Test(
        "a record and its parts are read as of one version, though it is saved meanwhile", arguments: StoreKind.allCases
    )
    func readsWhole(kind: StoreKind) async throws {
        try await withStore(kind) { inner in
            var session = try StoreActor("world")
            _ = try await session.seal(inner)
            let none = try await inner.whole(session.id)
            #expect(none == nil)
            try await session.saved(inner, "0", parts: [part("a", "0"), part("b", "0")])
            let first = session
            let writes = try (1...7).map { number -> RecordWrite in
                var write = first.write(.content(try content("\(number)")))
                write.version = Int64(number)
                write.parts = [try part("a", "\(number)")]
                return write
            }
            // Saves come between the reading of the row and that of its parts.
            let pace = Mutex((next: 0, left: 2))
            let store = FailingStore(inner) { call in
                guard case .parts = call.kind else { return .none }
                let write: RecordWrite? = pace.withLock { pace in
                    guard pace.left > 0 else { return nil }
                    pace.left -= 1
                    pace.next += 1
                    return writes[pace.next - 1]
                }
                if let write { _ = try? await inner.commit([write]) }
                return .none
            }
            let whole = try await store.whole(first.id)
            #expect(whole?.record.version == 3 && whole?.parts.map(\.text) == ["a 2", "b 0"])
            pace.withLock { $0.left = 5 }
            let error = await #expect(throws: StoreError.self) { try await store.whole(first.id) }
            #expect(error?.code == .unavailable)
        }
    }

    @Test("what turns parts into others leaves those that are alike alone, and is cut into commits")
    func changes() throws {
        func stored(_ name: String, _ text: String) throws -> Part {
            Part(name: try PartName(name), version: 1, payload: PartPayload(Array(text.utf8)))
        }
        let old = [try stored("a", "1"), try stored("b", "1"), try stored("d", "1")]
        let new = [try stored("a", "1"), try stored("b", "2"), try stored("c", "1")]
        let changes = PartWrite.changes(from: old, to: new)
        #expect(changes.map(\.name.description) == ["b", "c", "d"])
        #expect(changes.map(\.payload) == [new[1].payload, new[2].payload, nil])
        #expect(PartWrite.changes(from: new, to: new).isEmpty)
        #expect(changes.batches() == [changes])
        #expect(changes.batches(ofCount: 2) == [Array(changes[..<2]), [changes[2]]])
        #expect(changes.batches(bytes: 1) == [[changes[0]], Array(changes[1...])])
        #expect([PartWrite]().batches().isEmpty)
    }

    @Test("a deleted record has no parts, and what is made anew begins without any", arguments: StoreKind.allCases)
    func areDeleted(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var (session, other) = (try StoreActor("world"), try StoreActor("kept"))
            for actor in [session, other] { _ = try await actor.seal(store) }
            try await session.saved(store, "one", parts: [part("a"), part("b")])
            try await other.saved(store, "one", parts: [part("a")])
            try await session.deleted(store)
            #expect(try await store.parts(of: session.id).isEmpty)
            _ = try await session.seal(store)
            try await session.saved(store, "again", parts: [part("c")])
            #expect(try await store.parts(of: session.id).map(\.text) == ["c x"])
            #expect(try await store.parts(of: other.id).map(\.text) == ["a x"])
        }
    }

    @Test("a trade writes the parts of both records or none", arguments: StoreKind.allCases)
    func trades(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (left, right) = (try StoreActor("left"), try StoreActor("right"))
            for actor in [left, right] { _ = try await actor.seal(store) }
            var writes = [left.write(.content(try content("l"))), right.write(.content(try content("r")))]
            writes[0].parts = [try part("a")]
            writes[1].parts = [try part("b")]
            writes[1].fence = 9
            #expect(try await store.commit(writes).refusedRows != nil)
            #expect(try await store.parts(of: left.id).isEmpty)
            writes[1].fence = 1
            #expect(try await store.commit(writes) == .committed)
            #expect(try await store.parts(of: left.id).map(\.text) == ["a x"])
            #expect(try await store.parts(of: right.id).map(\.text) == ["b x"])
        }
    }

    @Test("a full write of parts is stored", arguments: StoreKind.allCases)
    func takesFullWrites(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor("world")
            _ = try await session.seal(store)
            let bytes = PartWrite.maximumBytes / PartWrite.maximumCount
            let parts = try (0..<PartWrite.maximumCount).map { index in
                PartWrite(
                    name: try PartName("\(index)"),
                    payload: PartPayload([UInt8](repeating: UInt8(index % 251), count: bytes)))
            }
            try await session.saved(store, "full", parts: parts)
            let summary = try await store.partSummary(of: session.id)
            #expect(summary == (count: PartWrite.maximumCount, bytes: PartWrite.maximumBytes))
            try await session.deleted(store)
            #expect(try await store.partSummary(of: session.id).count == 0)
        }
    }

    @Test("a write removes more parts than it may put", arguments: StoreKind.allCases)
    func removesMany(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var session = try StoreActor("world")
            _ = try await session.seal(store)
            try await session.saved(store, "full", parts: (0..<PartWrite.maximumCount).map { try part("a\($0)") })
            try await session.saved(store, "more", parts: [part("b"), part("c")])
            let gone = try (0..<PartWrite.maximumCount).map { try part("a\($0)", nil) }
            try await session.saved(
                store, "less", parts: gone + [part("b", nil), part("c", "kept"), part("none", nil)])
            #expect(try await store.parts(of: session.id).map(\.text) == ["c kept"])
        }
    }

    @Test("parts outside the limits are refused as bad input", arguments: StoreKind.allCases)
    func checksInput(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let session = try StoreActor("world")
            _ = try await session.seal(store)
            let large = [UInt8](repeating: 1, count: PartPayload.maximumBytes)
            let full = try (0..<16).map { PartWrite(name: try PartName("\($0)"), payload: PartPayload(large)) }
            let text = RecordWrite.Change.content(try content("x"))
            let bad: [(RecordWrite.Change, [PartWrite])] = [
                (.none, [try part("a")]), (.tombstone, [try part("a", nil)]),
                (text, [try part("a"), try part("b"), try part("a", nil)]),
                (text, [PartWrite(name: try PartName("a"), payload: PartPayload([]))]),
                (text, [PartWrite(name: try PartName("a"), payload: PartPayload(large + [1]))]),
                (text, full + [try part("more")]), (text, try (0...4_096).map { try part("\($0)") }),
                (text, try (0...PartWrite.maximumRemovals).map { try part("\($0)", nil) }),
            ]
            for (change, parts) in bad {
                var write = session.write(change)
                write.parts = parts
                let error = await #expect(throws: StoreError.self) { try await store.commit([write]) }
                #expect(error?.code == .badInput)
            }
            let names = try (0...1_000).map { try PartName("\($0)") }
            let many = await #expect(throws: StoreError.self) {
                try await store.parts(of: session.id, names: names)
            }
            let none = await #expect(throws: StoreError.self) { try await store.parts(of: session.id, limit: 0) }
            #expect(many?.code == .badInput && none?.code == .badInput)
            #expect(throws: StoreError.self) { try PartName("") }
            #expect(throws: StoreError.self) { try PartName(bytes: [UInt8](repeating: 1, count: 65)) }
            #expect(try await store.read(session.id)?.version == 0)
        }
    }

    @Test("a part whose bytes do not match their checksum says so")
    func verifies() throws {
        let good = PartPayload([1, 2, 3])
        #expect(try good.verified() == [1, 2, 3])
        let error = #expect(throws: StoreError.self) {
            try PartPayload(bytes: [1, 2], checksum: good.checksum).verified()
        }
        #expect(error?.code == .corrupt)
        #expect(try PartName("0:1").description == "0:1" && PartName(bytes: [0xFF, 1]).description == "ff01")
    }
}
