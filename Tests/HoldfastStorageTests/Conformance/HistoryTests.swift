import HoldfastStorage
import ModelTesting
import Testing

@Suite("Every store: history")
struct HistoryTests {
    @Test(
        "the first write of an hour keeps what it replaces, the others keep nothing",
        arguments: StoreKind.allCases)
    func keepsHourly(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            var random = SeededGenerator(seed: 4)
            var session = try StoreActor()
            _ = try await session.seal(store)
            var expected: [Int64] = []
            for version in 0..<40 as Range<Int64> {
                let before = try #require(await store.read(session.id))
                try await session.saved(store, "\(version)")
                let after = try #require(await store.read(session.id))
                let isLater = KeepRule.hourStart(of: after.updatedAtMillis) > before.updatedAtMillis
                if version > 0, isLater { expected.append(version) }
                try await time.pass([1, 1, 1, 60_000, 1_800_000, StoreTime.hour].randomElement(using: &random)!)
            }
            #expect(expected.count > 5 && expected.count < 35)
            #expect(try await store.kept(session.id).map(\.version) == expected.reversed())
        }
    }

    @Test("an hour ends at the full hour of the store's clock", arguments: [StoreKind.memory, .sqlite])
    func endsAtFullHour(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            var session = try StoreActor()
            _ = try await session.seal(store)
            try await session.saved(store, "one")
            try await session.saved(store, "two")
            #expect(try await store.kept(session.id).isEmpty)
            try await time.pass(1)
            try await session.saved(store, "three")
            try await time.pass(StoreTime.hour - 1)
            try await session.saved(store, "four")
            #expect(try await store.kept(session.id).map(\.version) == [2])
            try await time.pass(1)
            try await session.saved(store, "five")
            #expect(try await store.kept(session.id).map(\.version) == [4, 2])
        }
    }

    @Test(
        "a group answers saves that keep something, that keep nothing and that are refused, each with its parts",
        arguments: StoreKind.allCases)
    func keepsInGroups(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            var (old, fresh) = (try StoreActor("old"), try StoreActor("fresh"))
            let stale = try StoreActor("stale")
            for session in [old, fresh, stale] { _ = try await session.seal(store) }
            try await old.saved(store, "one")
            try await time.pass(StoreTime.hour)
            try await fresh.saved(store, "one")
            var writes = [old.write(.content(try content("two"))), fresh.write(.content(try content("two")))]
            writes.append(stale.rival(token: 9).write(.content(try content("two"))))
            let part = PartWrite(name: try PartName("part"), payload: PartPayload([1]))
            for index in writes.indices { writes[index].parts = [part] }
            let replies = try await store.execute(writes.map { .commit(CommitRequest(writes: [$0])) })
            let outcomes = replies.map { if case .commit(let outcome) = $0 { outcome } else { nil } as CommitOutcome? }
            #expect(outcomes.prefix(2) == [.committed, .committed])
            #expect(outcomes[2]?.refusedRows?.count == 1)
            for (session, kept, version) in [(old, [1], 2), (fresh, [], 2), (stale, [], 0)]
                as [(StoreActor, [Int64], Int64)]
            {
                #expect(try await store.kept(session.id).map(\.version) == kept)
                #expect(try await store.read(session.id)?.version == version)
                #expect(try await store.parts(of: session.id).map(\.version) == (version > 0 ? [version] : []))
            }
        }
    }

    @Test(
        "a kept version holds everything beside its document, and says what happened", arguments: StoreKind.allCases)
    func keepsContent(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            var session = try StoreActor()
            _ = try await session.seal(store)
            try await session.saved(store, "one", userIDs: ["7", "\u{e9}\u{0}"])
            let first = try #require(await store.read(session.id))
            try await time.pass(StoreTime.hour)
            let dated = try #require(await store.read(session.id)?.updatedAtMillis)
            try await session.saved(store, "two")
            let second = try #require(await store.read(session.id))
            let entry = try #require(await store.kept(session.id).first)
            let content = try #require(first.content)
            let kept = HistoryEntry(
                version: 1, schema: 3, updatedAtMillis: dated, replacedAtMillis: second.updatedAtMillis, reason: nil,
                storedBytes: content.payload.bytes.count, documentBytes: content.payload.documentBytes,
                isDeletion: false)
            #expect(entry == kept)
            let contents = try await [1, 2, 3, 0].asyncMap {
                try await store.historyContent(of: session.id, version: $0)
            }
            #expect(contents == [content, second.content, nil, nil])
        }
    }

    @Test("a rule keeps always, with its reason, or never", arguments: StoreKind.allCases)
    func followsRules(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            var session = try StoreActor()
            _ = try await session.seal(store)
            // A record that holds nothing has nothing to keep.
            try await session.saved(store, "one", keeps: .always(reason: "first"))
            try await session.saved(store, "two", keeps: .always(reason: "trade \u{e9}"))
            try await session.saved(store, "three")
            try await time.pass(StoreTime.hour)
            try await session.saved(store, "four", keeps: .never)
            try await time.pass(StoreTime.hour)
            try await session.saved(store, "five")
            let entries = try await store.kept(session.id)
            #expect(entries.map(\.version) == [4, 1] && entries.map(\.reason) == [nil, "trade \u{e9}"])
            // A check of the row changes and keeps nothing.
            var check = session.write(.none, releases: true)
            check.keeps = .always(reason: "check")
            #expect(try await store.commit([check]) == .committed)
            #expect(try await store.kept(session.id).count == 2)
        }
    }

    @Test("a deletion keeps what it takes away by the same rules", arguments: StoreKind.allCases)
    func keepsDeleted(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            var session = try StoreActor()
            _ = try await session.seal(store)
            try await session.saved(store, "one")
            let content = try await store.read(session.id)?.content
            try await session.deleted(store)
            #expect(try await store.kept(session.id).isEmpty)
            _ = try await session.seal(store)
            // A tombstone is nothing to keep either.
            try await time.pass(StoreTime.hour)
            try await session.saved(store, "one")
            try await time.pass(StoreTime.hour)
            try await session.deleted(store)
            _ = try await session.seal(store)
            try await session.saved(store, "again")
            try await session.deleted(store, keeps: .always(reason: "ban"))
            let entries = try await store.kept(session.id)
            #expect(entries.map(\.version) == [5, 3] && entries.map(\.reason) == ["ban", nil])
            #expect(entries.allSatisfy { $0.isDeletion })
            let kept = try await store.historyContent(of: session.id, version: 3)
            #expect(kept?.payload == content?.payload && kept != nil)
            #expect(try await store.historyContent(of: session.id, version: 6) == nil)
        }
    }

    @Test("a snapshot keeps what stands, whoever owns the record, and only once", arguments: StoreKind.allCases)
    func keepsCurrent(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            var session = try StoreActor()
            #expect(try await store.keepCurrent(of: session.id, reason: "none") == nil)
            _ = try await session.seal(store)
            #expect(try await store.keepCurrent(of: session.id, reason: "empty") == nil)
            try await session.saved(store, "one")
            let before = try await store.read(session.id)
            #expect(try await store.keepCurrent(of: session.id, reason: "patch day") == 1)
            #expect(try await store.keepCurrent(of: session.id, reason: "again") == 1)
            #expect(try await store.read(session.id) == before)
            try await time.pass(StoreTime.hour)
            try await session.saved(store, "two")
            let entry = try #require(await store.kept(session.id).first)
            #expect(entry.version == 1 && entry.reason == "patch day" && !entry.isDeletion)
            #expect(try await store.kept(session.id).count == 1)
            try await session.deleted(store)
            #expect(try await store.keepCurrent(of: session.id, reason: "gone") == nil)
            for reason in ["", String(repeating: "a", count: 65), "a\0"] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.keepCurrent(of: session.id, reason: reason)
                }
                var write = session.write(.none)
                write.keeps = .always(reason: reason)
                let refused = await #expect(throws: StoreError.self) { try await store.commit([write]) }
                #expect(error?.code == .badInput && refused?.code == .badInput)
            }
        }
    }

    @Test("a refused write keeps nothing; one whose answer was lost keeps once", arguments: StoreKind.allCases)
    func followsRecord(kind: StoreKind) async throws {
        try await withTimedStore(kind) { inner, time in
            let store = FailingStore(inner) { call in call.number == 4 ? .after() : .none }
            var session = try StoreActor()
            _ = try await session.seal(store)
            try await session.saved(store, "one")
            try await time.pass(StoreTime.hour)
            var stale = session.write(.content(try content("late")))
            stale.fence = 7
            #expect(try await store.commit([stale]).refusedRows != nil)
            let write = session.write(.content(try content("two")))
            await #expect(throws: StoreError.self) { try await store.commit([write]) }
            let row = try #require(await store.commit([write]).refusedRows?.first ?? nil)
            #expect(row.saveID == write.saveID)
            #expect(try await store.kept(session.id).map(\.version) == [1])
        }
    }

    @Test("a trade keeps what it replaces in both records, or in neither", arguments: StoreKind.allCases)
    func trades(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            var (left, right) = (try StoreActor("left"), try StoreActor("right"))
            for actor in [left, right] { _ = try await actor.seal(store) }
            try await left.saved(store, "left")
            try await time.pass(StoreTime.hour)
            try await right.saved(store, "right")
            let change = RecordWrite.Change.content(try content("traded"))
            var late = right
            late.version = 0
            #expect(try await store.commit([left.write(change), late.write(change)]).refusedRows != nil)
            #expect(try await store.kept(left.id).isEmpty)
            var write = right.write(change)
            write.keeps = .always(reason: "trade")
            #expect(try await store.commit([left.write(change), write]) == .committed)
            #expect(try await store.kept(left.id).map(\.reason) == [nil])
            #expect(try await store.kept(right.id).map(\.reason) == ["trade"])
        }
    }

    @Test("history is read in pages and pruned oldest first", arguments: StoreKind.allCases)
    func pagesAndPrunes(kind: StoreKind) async throws {
        try await withTimedStore(kind) { store, time in
            var (session, other) = (try StoreActor(), try StoreActor("other"))
            for actor in [session, other] { _ = try await actor.seal(store) }
            try await other.saved(store, "0")
            for version in 0..<7 {
                try await session.saved(store, "\(version)")
                try await time.pass(StoreTime.hour)
            }
            try await other.saved(store, "1")
            #expect(try await store.kept(session.id, limit: 2).map(\.version) == [6, 5])
            #expect(try await store.kept(session.id, before: 5, limit: 3).map(\.version) == [4, 3, 2])
            #expect(try await store.kept(session.id, before: 1).isEmpty)
            let middle = try #require(await store.kept(session.id).first { $0.version == 4 }).replacedAtMillis
            #expect(try await store.pruneHistory(replacedBefore: middle, limit: 2) == 2)
            #expect(try await store.kept(session.id).map(\.version) == [6, 5, 4, 3])
            #expect(try await store.pruneHistory(replacedBefore: middle, limit: 1_000) == 1)
            #expect(try await store.pruneHistory(replacedBefore: middle, limit: 1_000) == 0)
            #expect(try await store.kept(session.id).map(\.version) == [6, 5, 4])
            #expect(try await store.kept(other.id).map(\.version) == [1])
            #expect(try await store.read(session.id)?.version == 7)
            for limit in [0, 1_001] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.pruneHistory(replacedBefore: middle, limit: limit)
                }
                #expect(error?.code == .badInput)
            }
        }
    }

    @Test("hours are UTC hours, before 1970 as well")
    func hourStarts() {
        let hour = StoreTime.hour
        let starts: [(Int64, Int64)] = [
            (0, 0), (1, 0), (hour - 1, 0), (hour, hour), (-1, -hour), (-hour, -hour), (-hour - 1, -2 * hour),
            (1_767_265_199_999, 1_767_261_600_000), (1_767_265_200_000, 1_767_265_200_000),
        ]
        for (millis, start) in starts { #expect(KeepRule.hourStart(of: millis) == start) }
        #expect(KeepRule.hourly.cutoff(at: hour + 5) == hour)
        #expect(KeepRule.never.cutoff(at: hour) == nil)
        #expect(KeepRule.always(reason: "x").cutoff(at: hour) == .max)
    }
}

extension Array {
    func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
