import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct MatchFinderTests {
    @Test(
        "parties are put together so that as many players play as fit",
        arguments: [
            ([1, 1, 1, 1], 2...2, [[0, 1], [2, 3]]), ([1, 1, 1], 2...2, [[0, 1]]), ([2, 1, 2], 4...4, [[0, 2]]),
            ([3, 2, 1], 4...4, [[0, 2]]), ([1, 3, 2, 2], 4...4, [[0, 1], [2, 3]]), ([4], 4...4, [[0]]),
            ([5, 4], 4...4, [[1]]), ([1, 1], 3...8, []), ([2, 3, 3, 1], 2...8, [[0, 1, 2]]),
            ([1, 6, 5], 2...6, [[0, 2], [1]]),
        ] as [([Int], ClosedRange<Int>, [[Int]])])
    func sizes(parties: [Int], players: ClosedRange<Int>, wanted: [[Int]]) throws {
        // The first has waited longest.
        let tickets = parties.enumerated().map { index, size in
            waiting("\(index)", players: size, waited: .seconds(100 - index))
        }
        #expect(ids(tickets, try MatchRules(players: players)) == wanted.map { $0.map { "\($0)" } })
    }

    @Test("numbers may differ by what both sides tolerate, which widens while they wait")
    func widening() throws {
        let rules = try MatchRules(
            players: 2...2, tolerances: ["skill": .init(50, growingBy: 10, upTo: 200)])
        func match(_ apart: Double, _ first: Duration, _ second: Duration) -> Bool {
            !ids(
                [
                    waiting("a", skill: 1_000, waited: first), waiting("b", skill: 1_000 + apart, waited: second),
                ], rules
            ).isEmpty
        }
        #expect(match(50, .zero, .zero))
        #expect(!match(50.1, .zero, .zero))
        #expect(!match(51, .seconds(1_000), .zero))
        #expect(match(60, .seconds(1), .seconds(1)))
        #expect(match(200, .seconds(15), .seconds(1_000)))
        #expect(!match(201, .seconds(1_000), .seconds(1_000)))
    }

    @Test("the nearest play together, also where the oldest could take others")
    func nearest() throws {
        let rules = try MatchRules(players: 2...2, tolerances: ["skill": .init(100)])
        let tickets = [
            waiting("a", skill: 1_000, waited: .seconds(3)), waiting("b", skill: 1_090, waited: .seconds(2)),
            waiting("c", skill: 1_010, waited: .seconds(1)), waiting("d", skill: 1_080),
        ]
        #expect(ids(tickets, rules) == [["a", "c"], ["b", "d"]])
    }

    @Test("all tickets of a match accept each other, not only the oldest")
    func pairwise() throws {
        let rules = try MatchRules(players: 3...3, tolerances: ["skill": .init(100)])
        let tickets = [
            waiting("a", skill: 1_000, waited: .seconds(1)), waiting("b", skill: 1_090), waiting("c", skill: 910),
        ]
        #expect(ids(tickets, rules) == [])
        #expect(ids(tickets + [waiting("d", skill: 1_050)], rules) == [["a", "b", "d"]])
    }

    @Test("texts that must be equal are, by bytes, and who lacks one plays with others who lack it")
    func texts() throws {
        let rules = try MatchRules(players: 2...2, equalTexts: ["region"])
        let tickets = ["é", "e\u{301}", nil, "", "é", nil].enumerated().map { index, region in
            waiting("\(index)", waited: .seconds(-index), texts: region.map { ["region": $0] } ?? [:])
        }
        #expect(ids(tickets, rules) == [["0", "4"], ["2", "5"]])
    }

    @Test("what is found is allowed, and nothing that is allowed is left over", arguments: 0..<300)
    func random(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let lowest = generator.number(in: 1...4)
        let rules = try MatchRules(
            players: lowest...(lowest + generator.number(in: 0...3)),
            tolerances: generator.happens(0.7)
                ? ["skill": .init(30, growingBy: 5, upTo: 90), "ping": .init(40)] : [:],
            equalTexts: generator.happens(0.5) ? ["region"] : [])
        let tickets = (0..<9).map { index in
            var ticket = Ticket(id: "\(index)", players: players(generator.number(in: 1...4)))
            if generator.happens(0.9) { ticket.numbers["skill"] = Double(generator.number(in: 0...200)) }
            ticket.numbers["ping"] = Double(generator.number(in: 0...80))
            ticket.texts["region"] = generator.one(of: ["eu", "us"])
            return WaitingTicket(
                ticket: ticket, waited: .seconds(generator.number(in: 0...20)), remaining: .seconds(1), nonce: [])
        }
        let matches = MatchFinder(tickets, rules: rules).matches()
        let used = matches.flatMap { $0 }.map(\.ticket.id)
        #expect(Set(used).count == used.count)
        for match in matches { #expect(isAllowed(match, rules)) }
        let left = tickets.filter { !used.contains($0.ticket.id) }
        for set in 1..<(1 << left.count) {
            let chosen = left.indices.filter { set & (1 << $0) != 0 }.map { left[$0] }
            #expect(!isAllowed(chosen, rules), "\(chosen.map(\.ticket.id)) were left over")
        }
    }

    @Test("ten thousand tickets are matched in one go")
    func many() throws {
        var generator = SeededGenerator(seed: 1)
        let rules = try MatchRules(players: 8...8, tolerances: ["skill": .init(50)], equalTexts: ["region"])
        let tickets = (0..<10_000).map { index in
            waiting(
                "\(index)", players: generator.number(in: 1...4), skill: Double(generator.number(in: 0...3_000)),
                waited: .seconds(generator.number(in: 0...60)), texts: ["region": generator.one(of: ["eu", "us"])])
        }
        let matches = MatchFinder(tickets, rules: rules).matches()
        #expect(matches.allSatisfy { isAllowed($0, rules) })
        #expect(matches.joined().count > 9_000)
    }

    @Test("rules that make no sense are refused")
    func badRules() async {
        for players in [0...4, 1...101] {
            #expect(await code { _ = try MatchRules(players: players) } == .badInput)
        }
        for tolerance in [MatchRules.Tolerance(-1), .init(.nan), .init(1, growingBy: -1), .init(1, upTo: .nan)] {
            #expect(await code { _ = try MatchRules(players: 2...2, tolerances: ["a": tolerance]) } == .badInput)
        }
    }

    // MARK: The rules, said again in other words

    private func isAllowed(_ match: [WaitingTicket], _ rules: MatchRules) -> Bool {
        let count = match.reduce(0) { $0 + $1.ticket.players.count }
        guard rules.players.contains(count) else { return false }
        for left in match {
            for right in match {
                for (name, tolerance) in rules.tolerances {
                    let (one, other) = (left.ticket.numbers[name], right.ticket.numbers[name])
                    if (one == nil) != (other == nil) { return false }
                    guard let one, let other else { continue }
                    for ticket in [left, right] {
                        let seconds = ticket.waited / .seconds(1)
                        let width = min(tolerance.initial + tolerance.growthPerSecond * seconds, tolerance.maximum)
                        if abs(one - other) > width { return false }
                    }
                }
                for name in rules.equalTexts where left.ticket.texts[name] != right.ticket.texts[name] { return false }
            }
        }
        return true
    }

    private func ids(_ tickets: [WaitingTicket], _ rules: MatchRules) -> [[String]] {
        MatchFinder(tickets.reversed(), rules: rules).matches().map { $0.map(\.ticket.id).sorted() }
    }

    private func waiting(
        _ id: String, players count: Int = 1, skill: Double? = nil, waited: Duration = .zero,
        texts: [String: String] = [:]
    ) -> WaitingTicket {
        WaitingTicket(
            ticket: Ticket(
                id: id, players: players(count), numbers: skill.map { ["skill": $0] } ?? [:], texts: texts),
            waited: waited, remaining: .seconds(60), nonce: [])
    }

    private func players(_ count: Int) -> [String] { (0..<count).map { "p\($0)" } }
}
