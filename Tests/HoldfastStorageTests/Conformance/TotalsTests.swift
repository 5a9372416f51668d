import HoldfastStorage
import Testing

@Suite("Every store: what a collection holds")
struct TotalsTests {
    @Test("records, parts, kept versions and pending operations are added up", arguments: StoreKind.allCases)
    func adds(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let players = try CollectionName("players")
            #expect(try await store.totals(of: players) == CollectionTotals())
            var (one, two) = (try StoreActor("1"), try StoreActor("2"))
            var (gone, other) = (try StoreActor("3"), try StoreActor("1", in: "others"))
            for actor in [one, two, gone, other] { _ = try await actor.seal(store) }
            _ = try await StoreActor("unsaved").seal(store)
            try await one.saved(store, "x", parts: [part("a"), part("b")])
            try await two.saved(store, "longer")
            try await two.saved(store, "longest", keeps: .always(reason: "test"))
            try await gone.saved(store, "x", parts: [part("a")])
            try await gone.deleted(store, keeps: .never)
            try await other.saved(store, "the longest of all", parts: [part("a")])
            for id in ["a", "b"] { _ = try await store.deliver(delivery(id, to: one.id)) }
            _ = try await store.deliver(delivery("c", to: other.id))
            _ = try await store.cancelOperation(try OperationID("b"), of: one.id)

            let totals = try await store.totals(of: players)
            #expect(totals.records == 2 && totals.parts == 2 && totals.partBytes == 6)
            #expect(totals.documentBytes == 12 + 18 && totals.largestDocumentBytes == 18)
            #expect(totals.storedBytes == totals.documentBytes + 2)
            #expect(totals.versions == 1 && totals.versionBytes == 18)
            #expect(totals.pendingOperations == 1)
        }
    }

    @Test("kept versions that name a person go, and only those", arguments: StoreKind.allCases)
    func history(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var (one, two) = (try StoreActor("1"), try StoreActor("2", in: "others"))
            for actor in [one, two] { _ = try await actor.seal(store) }
            for people in [["ann"], ["x\"ann"], ["x,", "y"], ["\u{e9}\u{0}", "ann"], ["ben"]] {
                try await one.saved(store, "x", userIDs: people, keeps: .always(reason: "test"))
            }
            try await two.saved(store, "x", userIDs: ["ann"])
            try await two.deleted(store, keeps: .always(reason: "test"))
            #expect(try await store.kept(one.id).map(\.version) == [4, 3, 2, 1])
            #expect(try await store.eraseHistory(ofUser: "an", limit: 10) == 0)
            #expect(try await store.eraseHistory(ofUser: ",", limit: 10) == 0)
            #expect(try await store.eraseHistory(ofUser: "\u{e9}\u{0}", limit: 10) == 1)
            #expect(try await store.kept(one.id).map(\.version) == [3, 2, 1])
            #expect(try await store.eraseHistory(ofUser: "ann", limit: 1) == 1)
            #expect(try await store.eraseHistory(ofUser: "ann", limit: 10) == 1)
            #expect(try await store.eraseHistory(ofUser: "ann", limit: 10) == 0)
            #expect(try await store.kept(one.id).map(\.version) == [3, 2])
            #expect(try await store.kept(two.id).isEmpty)
            #expect(try await store.read(one.id)?.content?.userIDs == ["ben"])
        }
    }
}
