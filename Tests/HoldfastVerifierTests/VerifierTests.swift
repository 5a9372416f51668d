import Foundation
import HoldfastVerifier
import Testing

@Suite("The verifier")
struct VerifierTests {
    @Test("a correct history holds")
    func correctHistory() throws {
        let verdict = try History.correct().verdict()
        #expect(verdict.problems == [])
        #expect(verdict.ok)
        #expect(verdict.coinsExpected == 226)
        #expect(verdict.coinsFound == 226)
        #expect(verdict.seen.processes == 2)
        #expect(verdict.seen.saves == 11)
        #expect(verdict.seen.trades == 1)
        #expect(verdict.seen.deliveries == 3)
        #expect(verdict.seen.applied == 2)
        #expect(verdict.seen.refused == 1)
        #expect(verdict.seen.sessions == 5)
        #expect(verdict.seen.keys == 2)
        #expect(verdict.seen.operationsWhileAway == 1)
        #expect(verdict.seen.overlaps == 1)
        #expect(verdict.seen.tornLines == 0)
    }

    @Test("turns red with the right counter", arguments: Fault.fencing + Fault.durability)
    func fencingAndDurability(fault: Fault) throws {
        try expectRed(fault)
    }

    @Test("operations that take steps, are cancelled, expire, die and are sent again hold")
    func operationsOfAllKinds() throws {
        let history = try History.correct()
        let holder = try history.open("3", on: "s1")
        try history.deliver("done", to: "3", coins: 10, days: 3)
        try history.deliver("begun", to: "3", coins: 7, days: 3)
        for (id, state) in [("back", "cancelled"), ("late", "expired"), ("dead", "cancelled"), ("dead:again", "dead")] {
            try history.deliver(id, to: "3", coins: 5, type: id.hasPrefix("dead") ? "demo.mishap" : "demo.reward")
            try history.settle(id, state)
        }
        history.journalCancellation("back", of: "3", "cancelled")
        history.journalCancellation("begun", of: "3", "begun")
        history.journalCancellation("nobody's", of: "3", "missing")
        history.journalRequeue("dead", of: "3", as: "dead:again")
        try history.save(holder) { player in
            player.rewarded += 3 * 10 + 2 * 7
            player.rewards += 3 + 2
        }
        try history.settle("done", "applied")
        try history.settle("begun", "pending", steps: 2)
        let verdict = try history.verdict()
        #expect(verdict.problems == [])
        #expect(verdict.seen.steps == 5 && verdict.seen.cancelled == 2)
        #expect(verdict.seen.expired == 1 && verdict.seen.dead == 1)
    }

    @Test("turns red with the right counter for coins", arguments: Fault.operations + Fault.conservation)
    func operationsAndConservation(fault: Fault) throws {
        try expectRed(fault)
    }

    @Test("turns red with the right counter for boards", arguments: Fault.boards)
    func boards(fault: Fault) throws {
        try expectRed(fault)
    }

    @Test("turns red for announcements", arguments: Fault.announcements)
    func announcements(fault: Fault) throws {
        try expectRed(fault)
    }

    @Test("a world that is built, traded with, handed over and visited holds")
    func world() throws {
        let history = try History.correct()
        let (holder, _, _) = try history.build()
        history.visit(holder, on: holder.process)
        history.journal("ended", by: holder, #""reason":"handed over to s1""#)
        let town = try history.openWorld(BuiltWorld(), "town-1:main", on: holder.process)
        history.visit(town, on: holder.process)
        history.now += 2 * History.leaseMillis * 1_000_000
        history.visit(town, on: holder.process)
        let verdict = try history.verdict()
        #expect(verdict.problems == [])
        #expect(verdict.coinsFound == 326)
        #expect(verdict.seen.worlds == 1 && verdict.seen.worldSaves == 4)
        #expect(verdict.seen.worldVisits == 3 && verdict.seen.worldHandOvers == 1 && verdict.seen.worldTakeOvers == 0)
    }

    @Test("turns red with the right counter for worlds", arguments: Fault.worlds)
    func worlds(fault: Fault) throws {
        try expectRed(fault)
    }

    @Test("trades between servers that are committed, aborted, received and under way hold")
    func tradesAcross() throws {
        let history = try History.correct()
        let (near, far) = try history.meet()
        for trade in ["a", "b"] {
            try history.begin(trade, near: near, far: far, coins: 30)
            try history.commit(trade, near: near, far: far, coins: 30, back: 20)
            history.end(trade, "committed")
        }
        try history.receive("give", of: "a", near, coins: 20)
        for trade in ["c", "d"] {
            try history.begin(trade, near: near, far: far, coins: 10)
            try history.abort(trade, near: near, coins: 10)
        }
        try history.receive("refund", of: "c", near, coins: 10)
        history.end("c", "aborted")
        // Refused before anything was begun.
        try history.decide("e", "aborted")
        history.end("e", "aborted")
        let verdict = try history.verdict()
        #expect(verdict.problems == [])
        #expect(verdict.coinsFound == 426)
        #expect(verdict.seen.tradesAcross == 2 && verdict.seen.tradesAborted == 3)
        #expect(verdict.seen.tradesUnfinished == 0)
    }

    @Test("turns red with the right counter for trades between servers", arguments: Fault.trades)
    func trades(fault: Fault) throws {
        try expectRed(fault)
    }

    private func expectRed(_ fault: Fault) throws {
        let history = try History.correct()
        try fault.happens(history)
        let verdict = try history.verdict()
        #expect(!verdict.ok)
        #expect(verdict.problemCount > 0)
        #expect(verdict.lostSaves == fault.lost, "\(verdict.problems)")
        #expect(verdict.duplicateOperations == fault.duplicate, "\(verdict.problems)")
        #expect(verdict.missingOperations == fault.missing, "\(verdict.problems)")
        #expect(verdict.staleWritesAccepted == fault.stale, "\(verdict.problems)")
        #expect(verdict.boardMismatches == fault.boards, "\(verdict.problems)")
        #expect(verdict.halfTrades == fault.half, "\(verdict.problems)")
        #expect(verdict.tornWorlds == fault.torn, "\(verdict.problems)")
        #expect((verdict.coinsExpected == verdict.coinsFound) == fault.coinsAgree)
    }

    @Test("a loading session that lost a race may seal again")
    func loadingSessionSealsAgain() throws {
        let history = try History.correct()
        let late = try history.seal("3", on: "s1")
        let winner = try history.open("3", on: "s2")
        try history.save(winner) { $0.earned += 5 }
        try history.close(winner)
        try history.open("3", on: "s1", owner: late.owner)
        #expect(try history.verdict().problems == [])
    }

    @Test("a session that re-seals its own row is the same writer")
    func resealedSession() throws {
        let history = try History.correct()
        let holder = try history.open("3", on: "s1")
        try history.save(holder) { $0.earned += 5 }
        holder.fence = try history.seal("3", on: "s1", owner: holder.owner).fence
        try history.save(holder) { $0.earned += 5 }
        #expect(try history.verdict().problems == [])
    }

    @Test("twenty problems are told and all are counted")
    func manyProblems() throws {
        let history = try History.correct()
        for number in 0..<30 { history.journalDelivery("r\(number)", to: "3", coins: 1) }
        let verdict = try history.verdict()
        #expect(verdict.problems.count == 20)
        #expect(verdict.problemCount == 30)
        #expect(verdict.missingOperations == 30)
    }

    @Test("many problems of one kind hide none of another")
    func hiddenProblem() throws {
        let history = try History.correct()
        try history.share()
        for number in 0..<30 { history.journalDelivery("r\(number)", to: "3", coins: 1) }
        try history.submit(50, for: "5", to: "best", of: "s1", isStored: false)
        try history.finish()
        let verdict = try history.verdict()
        #expect(verdict.problems.count == 20)
        #expect(verdict.problems.contains { $0.contains("board best") })
    }

    @Test("a verdict's JSON has the documented fields")
    func verdictJSON() throws {
        let verdict = try History.correct().verdict()
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(verdict)) as? [String: Any]
        let documented: Set<String> = [
            "coinsExpected", "coinsFound", "lostSaves", "duplicateOperations", "missingOperations",
            "staleWritesAccepted", "boardMismatches", "tornWorlds", "halfTrades", "ok",
        ]
        #expect(documented.isSubset(of: Set(object?.keys.map { $0 } ?? [])))
    }
}
