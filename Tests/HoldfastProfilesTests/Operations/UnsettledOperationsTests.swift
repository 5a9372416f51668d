import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("Operations that are not committed yet")
struct UnsettledOperationsTests {
    private func operation(_ id: String, hasEffect: Bool = true) throws -> UnsettledOperation {
        let record = RecordID(collection: try CollectionName("shop"), key: Key(1))
        return UnsettledOperation(
            settlement: Settlement(record: record, id: try OperationID(id), state: .applied, attempts: 1),
            hasEffect: hasEffect)
    }

    private func checkpoint(_ document: Int, outbox: Int = 0, edits: UInt64 = 0) -> SessionCheckpoint<Int> {
        SessionCheckpoint(document: document, outboxCount: outbox, edits: edits)
    }

    @Test("the way back leads before the first that is refused, and everything from there on is taken anew")
    func refused() throws {
        var unsettled = UnsettledOperations<Int>()
        unsettled.add([try operation("a")], before: checkpoint(1))
        unsettled.add([try operation("b"), try operation("c")], before: checkpoint(2, outbox: 5, edits: 3))
        unsettled.add([try operation("d")], before: checkpoint(3))
        let found = unsettled.refused([try OperationID("c")])
        let refused = try #require(found)
        #expect(refused.before.document == 2 && refused.before.outboxCount == 5 && refused.before.edits == 3)
        #expect(refused.undone.map(\.description) == ["b", "c", "d"])
        #expect(unsettled.all.map(\.id.description) == ["a"])
    }

    @Test("one without an effect is only taken out")
    func withoutEffect() throws {
        var unsettled = UnsettledOperations<Int>()
        unsettled.add([try operation("a"), try operation("b", hasEffect: false)], before: checkpoint(1))
        let refused = unsettled.refused([try OperationID("b")])
        let goesBack = refused != nil
        #expect(!goesBack)
        #expect(unsettled.all.map(\.id.description) == ["a"])
        let settled = unsettled.settled([try OperationID("a")])
        #expect(settled.count == 1)
        #expect(unsettled.isEmpty)
    }

    @Test("a commit takes its deliveries off the outbox of those that came meanwhile, and tells their documents")
    func committed() throws {
        var unsettled = UnsettledOperations<Int>()
        unsettled.add([try operation("a")], before: checkpoint(1, outbox: 2))
        unsettled.add([try operation("b")], before: checkpoint(2, outbox: 6))
        unsettled.committed(deliveries: 4) { $0 += 100 }
        let settled = unsettled.settled([try OperationID("a")])
        #expect(settled.count == 1)
        let found = unsettled.refused([try OperationID("b")])
        let refused = try #require(found)
        #expect(refused.before.document == 102 && refused.before.outboxCount == 2)
    }

    @Test("dropped edits are told once, and to everybody who waited meanwhile")
    func dropped() {
        var dropped = DroppedEdits()
        dropped.note(after: 3, upTo: 3)
        let none = dropped.isNews(since: 0)
        dropped.note(after: 3, upTo: 5)
        #expect(dropped.contains(4) && dropped.contains(5) && !dropped.contains(3) && !dropped.contains(6))
        let (first, next, waiting) = (dropped.isNews(since: 1), dropped.isNews(since: 1), dropped.isNews(since: 0))
        #expect(!none && first && !next && waiting)
    }
}
