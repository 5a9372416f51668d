import HoldfastStorage
import Testing

@Suite("Every store: after a restore")
struct RestoreTests {
    @Test(
        "every record is fenced off and every log and score table has a new generation, over many steps",
        arguments: StoreKind.allCases)
    func settles(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            // More than two steps of records; the last one is full on purpose.
            let count = 2 * RestorePosition.stepRows
            for start in stride(from: 0, to: count, by: 250) {
                let seals = try (start..<start + 250).map { index in
                    let actor = try StoreActor("key\(index)", in: index % 3 == 0 ? "a" : "b", token: 7)
                    return StoreRequest.seal(SealRequest(id: actor.id, token: 7, owner: actor.owner))
                }
                _ = try await store.execute(seals)
            }
            var session = try StoreActor("saved", in: "c", token: 3)
            _ = try await session.seal(store)
            #expect(try await session.save(store, "kept") == .committed)
            session.version = 1
            let (log, table) = (try SpaceName("log"), try SpaceName("table"))
            let generation = try await store.append([entry("kept")], to: log).generation
            let scores = try await store.submit([score("kept", 1, in: table)])

            var (records, spaces, steps) = (0, 0, 0)
            var position: RestorePosition? = .start
            while let next = position {
                let step = try await store.settleRestore(from: next)
                #expect(step.records <= RestorePosition.stepRows && step.spaces <= RestorePosition.stepRows)
                records += step.records
                spaces += step.spaces
                position = step.next
                steps += 1
                try #require(steps < 10)
            }
            #expect(records == count + 1 && spaces == 2 && steps >= 4)

            let row = try #require(await store.read(session.id))
            #expect(row.fence == 4 && row.owner == nil && row.version == 1 && row.content != nil)
            #expect(try await session.save(store, "late").refusedRows?.first??.fence == 4)
            for (key, collection) in [("key0", "a"), ("key1999", "b")] {
                let sealed = try #require(await store.read(StoreActor(key, in: collection).id))
                #expect(sealed.fence == 8 && sealed.owner == nil)
            }
            let page = try #require(await store.page(of: log))
            #expect(page.generation != generation && page.entries.map(\.value) == [Array("kept".utf8)])
            let rows = try #require(await store.page(of: table, changedAfter: 0))
            #expect(rows.generation != scores.generations[table] && rows.rows.count == 1)
            #expect(try await session.rival(token: 5).seal(store).sealed?.version == 1)
        }
    }
}
