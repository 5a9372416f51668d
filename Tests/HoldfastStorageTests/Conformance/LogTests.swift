import HoldfastStorage
import TestServers
import Testing

@Suite("Every store: logs")
struct LogTests {
    private let log: SpaceName

    init() throws {
        log = try SpaceName("queue:orders")
    }

    @Test(
        "entries get numbers in the order of the request and are read back as they were", arguments: StoreKind.allCases)
    func appends(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            #expect(try await store.page(of: log) == nil)
            var entries = [entry("a"), entry(""), entry("c", ttl: 86_400_000)]
            entries[1].priority = -1e300
            let outcome = try await store.append(entries, to: log)
            #expect(outcome.sequences == [1, 2, 3])
            #expect(try await store.append([entry("d")], to: log).sequences == [4])
            let page = try #require(await store.page(of: log))
            #expect(page.generation == outcome.generation && page.lastSequence == 4)
            #expect(page.entries.map(\.sequence) == [1, 2, 3, 4])
            #expect(page.entries.prefix(3).map(\.id) == entries.map(\.id))
            #expect(page.entries.prefix(3).map(\.value) == entries.map(\.value))
            #expect(page.entries.prefix(3).map(\.priority) == [0.5, -1e300, 0.5])
            let first = page.entries[0]
            #expect(first.createdAtMillis > 1_600_000_000_000 && first.expiresAtMillis == nil)
            #expect(page.entries[2].expiresAtMillis == page.entries[2].createdAtMillis + 86_400_000)
            let rest = try #require(await store.page(of: log, after: 1, limit: 2))
            #expect(rest.entries.map(\.sequence) == [2, 3] && rest.lastSequence == 4)
        }
    }

    @Test("an entry that is there keeps its place and content, however often it is sent", arguments: StoreKind.allCases)
    func repeats(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (one, two) = (entry("one"), entry("two"))
            #expect(try await store.append([one], to: log).sequences == [1])
            var other = one
            other.value = Array("other".utf8)
            #expect(try await store.append([two, other], to: log).sequences == [2, 1])
            let page = try #require(await store.page(of: log))
            #expect(page.entries.map(\.value) == [one.value, two.value] && page.lastSequence == 2)
            // Other logs have the id to themselves.
            #expect(try await store.append([one], to: SpaceName("queue:else")).sequences == [1])
        }
    }

    @Test("requests of one group see each other, in their order", arguments: StoreKind.allCases)
    func sharesGroup(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let other = try SpaceName("other")
            let (one, two, three) = (entry("1"), entry("2"), entry("3"))
            func append(_ entries: [AppendRequest.Entry], limit: Int? = nil, _ log: SpaceName) -> StoreRequest {
                .append(AppendRequest(log: log, entries: entries, limit: limit))
            }
            func trim(_ which: TrimRequest.Which) -> StoreRequest { .trim(TrimRequest(log: log, which: which)) }
            let replies = try await store.execute([
                append([one], log), append([two, one], limit: 2, log), append([three], limit: 2, log),
                trim(.ids([one.id, .random()])), trim(.ids([one.id])), append([three], limit: 2, log),
                append([three], other), append([one], log), trim(.through(2)), trim(.through(2)),
            ])
            let generation = try #require(await store.page(of: log, limit: 1)).generation
            let elsewhere = try #require(await store.page(of: other, limit: 1)).generation
            #expect(
                replies == [
                    .append(.appended(generation: generation, sequences: [1])),
                    .append(.appended(generation: generation, sequences: [2, 1])),
                    .append(.full(count: 2)), .trim(1), .trim(0),
                    .append(.appended(generation: generation, sequences: [3])),
                    .append(.appended(generation: elsewhere, sequences: [1])),
                    .append(.appended(generation: generation, sequences: [4])), .trim(1), .trim(0),
                ])
            let page = try #require(await store.page(of: log))
            #expect(page.entries.map(\.sequence) == [3, 4] && page.entries.map(\.id) == [three.id, one.id])
        }
    }

    @Test("a full log refuses the whole request, and takes one that brings nothing new", arguments: StoreKind.allCases)
    func bounds(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let held = [entry("a"), entry("b")]
            let first = try await store.append(held, to: log, limit: 3)
            #expect(first.sequences == [1, 2])
            #expect(try await store.append([entry(), entry()], to: log, limit: 3) == .full(count: 2))
            #expect(try await store.append(held + [entry()], to: log, limit: 3).sequences == [1, 2, 3])
            #expect(try await store.append(held, to: log, limit: 1).sequences == [1, 2])
            #expect(try await store.append([entry()], to: log, limit: 3) == .full(count: 3))
            #expect(try await store.append([entry()], to: log).sequences == [4])
            #expect(try await store.logs().first?.count == 4)
        }
    }

    @Test("expired entries are never returned, do not count, and go when trimmed", arguments: StoreKind.allCases)
    func expires(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.append([entry("a", ttl: 1), entry("b"), entry("c", ttl: 1)], to: log, limit: 3)
            try await eventually("the entries expire") {
                try await store.page(of: log)?.entries.map(\.sequence) == [2]
            }
            let page = try #require(await store.page(of: log, limit: 1))
            #expect(page.entries.map(\.sequence) == [2] && page.lastSequence == 3)
            #expect(try await store.logs().first?.count == 1)
            #expect(try await store.append([entry("d"), entry("e")], to: log, limit: 3).sequences == [4, 5])
            #expect(try await store.append([entry("f")], to: log, limit: 3) == .full(count: 3))
            #expect(try await store.trim(log, .expired) == 2)
            #expect(try await store.trim(log, .expired) == 0)
            #expect(try await store.logs().first?.count == 3)
        }
    }

    @Test("a trim takes the first thousand, and numbers are not used again", arguments: StoreKind.allCases)
    func trims(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            #expect(try await store.trim(log, .through(9)) == 0)
            #expect(try await store.page(of: log, limit: 1) == nil, "a trim makes no log")
            let entries = (0..<1_050).map { entry("\($0)") }
            for start in stride(from: 0, to: 1_050, by: 50) {
                _ = try await store.append(Array(entries[start..<start + 50]), to: log)
            }
            #expect(try await store.trim(log, .ids([entries[1_020].id, .random(), entries[1_020].id])) == 1)
            #expect(try await store.trim(log, .through(1_040)) == 1_000)
            let page = try #require(await store.page(of: log, limit: 3))
            #expect(page.entries.map(\.sequence) == [1_001, 1_002, 1_003])
            #expect(try await store.trim(log, .through(.max)) == 49)
            let empty = try #require(await store.page(of: log, limit: 3))
            #expect(empty.entries.isEmpty && empty.lastSequence == 1_050 && empty.generation == page.generation)
            // Its id may come again, under a number of its own.
            #expect(try await store.append([entries[0]], to: log).sequences == [1_051])
        }
    }

    @Test("logs are listed by the bytes of their names", arguments: StoreKind.allCases)
    func lists(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for name in ["b:\u{e9}", "b:e\u{301}", "b:z", "a:", "b:", "c", "b:\u{0}%_'"] {
                _ = try await store.append([entry(), entry()], to: SpaceName(name))
            }
            _ = try await store.submit(score("x", 1, in: SpaceName("b:scores")))
            let prefix = Array("b:".utf8)
            let all = try await store.logs("b:")
            let expected = try ["b:", "b:\u{0}%_'", "b:e\u{301}", "b:z", "b:\u{e9}"].map { try SpaceName($0) }
            #expect(all.map(\.name) == expected)
            #expect(all.allSatisfy { $0.last == 2 && $0.count == 2 })
            #expect(
                try await store.logs("b:", after: expected[1], limit: 2).map(\.name)
                    == Array(expected[2...3]))
            let early = try await store.logs(startingWith: prefix, after: SpaceName("a"), limit: 1)
            #expect(early.map(\.name) == [expected[0]])
            #expect(try await store.logs(startingWith: [0xFF], after: nil, limit: 10).isEmpty)
            #expect(try await store.logs().count == 7)
            #expect(try await store.tables("b:").count == 1)
        }
    }

    @Test("a dropped log is gone, and its next use starts anew", arguments: StoreKind.allCases)
    func drops(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (kept, other) = (entry("kept"), try SpaceName("other"))
            let first = try await store.append([kept, entry()], to: log)
            _ = try await store.append([kept], to: other)
            for _ in 0..<2 {
                try await store.dropSpace(log)
                #expect(try await store.page(of: log, limit: 1) == nil)
            }
            #expect(try await store.logs().map(\.name) == [other])
            let second = try await store.append([kept], to: log)
            #expect(second.sequences == [1] && second.generation != first.generation)
            #expect(try await store.page(of: other)?.entries.map(\.id) == [kept.id])
        }
    }

    @Test("requests outside the limits are refused as bad input", arguments: StoreKind.allCases)
    func checksInput(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let twice = entry()
            var endless = entry()
            endless.priority = .infinity
            let bad: [StoreRequest] = [
                .append(AppendRequest(log: log, entries: [])),
                .append(AppendRequest(log: log, entries: (0...100).map { _ in entry() })),
                .append(AppendRequest(log: log, entries: [twice, twice])),
                .append(AppendRequest(log: log, entries: [entry(String(repeating: "x", count: 65_537))])),
                .append(AppendRequest(log: log, entries: [endless])),
                .append(AppendRequest(log: log, entries: [entry(ttl: 0)])),
                .append(AppendRequest(log: log, entries: [entry(ttl: 400 * 86_400_000 + 1)])),
                .append(AppendRequest(log: log, entries: [entry()], limit: 0)),
                .trim(TrimRequest(log: log, which: .ids((0...100).map { _ in .random() }))),
            ]
            for request in bad {
                let error = await #expect(throws: StoreError.self) { try await store.execute([request]) }
                #expect(error?.code == .badInput)
            }
            for limit in [0, 1_001] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.page(of: log, limit: limit)
                }
                #expect(error?.code == .badInput)
            }
            let untouched = try await store.page(of: log)
            #expect(untouched == nil)
            let large = entry(String(repeating: "x", count: 65_536), ttl: 400 * 86_400_000)
            #expect(try await store.append([large], to: log).sequences == [1])
            #expect(try await store.page(of: log, limit: 1)?.entries.first?.value == large.value)
            #expect(throws: StoreError.self) { try SpaceName("") }
            #expect(throws: StoreError.self) { try SpaceName(bytes: [0xFF]) }
            #expect(throws: StoreError.self) { try SpaceName(String(repeating: "x", count: 401)) }
        }
    }
}
