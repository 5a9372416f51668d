/// Finds matches among tickets: a pure function of them, the rules and the times waited.
///
/// The tickets are taken from the one that waited longest to the youngest. Each looks at its nearest neighbours that
/// it accepts, and of those for the largest set that fits into a match. Looking is bounded, so that ten thousand
/// tickets take milliseconds; among very many near neighbours it may miss a set until the next round.
struct MatchFinder {
    /// Neighbours that one ticket considers, and those that it looks at for them.
    private static let neighbours = 48, glances = 256
    /// Steps of one search for a set.
    private static let steps = 2_000

    private let tickets: [WaitingTicket]
    private let rules: MatchRules
    /// The numbers that the rules name, and how much of each a ticket tolerates, in the order of the names.
    private let values: [[Double?]]
    private let widths: [[Double]]

    /// Takes tickets in any order.
    init(_ tickets: [WaitingTicket], rules: MatchRules) {
        let names = rules.tolerances.keys.sorted()
        let tolerances = names.compactMap { rules.tolerances[$0] }
        self.tickets = tickets.sorted { left, right in
            if left.waited != right.waited { return left.waited > right.waited }
            return left.ticket.id.utf8.lexicographicallyPrecedes(right.ticket.id.utf8)
        }
        self.rules = rules
        values = self.tickets.map { ticket in names.map { ticket.ticket.numbers[$0] } }
        widths = self.tickets.map { ticket in tolerances.map { $0.width(after: ticket.waited) } }
    }

    /// The sets of tickets to match; no ticket is in two of them.
    func matches() -> [[WaitingTicket]] {
        let texts = rules.equalTexts.sorted()
        let fitting = tickets.indices.filter { tickets[$0].ticket.players.count <= rules.players.upperBound }
        // Swift equates texts that differ in bytes.
        let groups = Dictionary(grouping: fitting) { index in
            texts.map { name in tickets[index].ticket.texts[name].map { Array($0.utf8) } }
        }
        return groups.values.flatMap { matches(in: $0) }
            .sorted { $0[0] < $1[0] }
            .map { $0.map { tickets[$0] } }
    }

    /// Matches tickets with equal texts; `indices` are in the order of age.
    private func matches(in indices: [Int]) -> [[Int]] {
        var line = NeighbourLine(indices.sorted { first(of: $0) < first(of: $1) })
        var found: [[Int]] = []
        for anchor in indices where line.contains(anchor) {
            let near = line.neighbours(of: anchor, glances: Self.glances, most: Self.neighbours) { other in
                accepts(anchor, other)
            } distance: { other in
                abs(first(of: anchor) - first(of: other))
            }
            guard let chosen = largestSet(with: anchor, among: near) else { continue }
            for index in chosen { line.remove(index) }
            found.append(chosen.sorted())
        }
        return found
    }

    /// What neighbours are near by; tickets without the number stand together.
    private func first(of index: Int) -> Double { values[index].first.flatMap { $0 } ?? -.greatestFiniteMagnitude }

    private func accepts(_ left: Int, _ right: Int) -> Bool {
        for position in values[left].indices {
            switch (values[left][position], values[right][position]) {
            case (nil, nil): continue
            case (let one?, let other?):
                guard abs(one - other) <= min(widths[left][position], widths[right][position]) else { return false }
            default: return false
            }
        }
        return true
    }

    /// The set with the most players, and of those the first in the order of `near`; nil where none is large enough.
    private func largestSet(with anchor: Int, among near: [Int]) -> [Int]? {
        var (steps, best, bestCount) = (Self.steps, [Int]?.none, rules.players.lowerBound - 1)
        func size(_ index: Int) -> Int { tickets[index].ticket.players.count }

        func search(_ chosen: [Int], _ count: Int, from start: Int) {
            if count > bestCount { (best, bestCount) = (chosen, count) }
            for position in start..<near.count where bestCount < rules.players.upperBound && steps > 0 {
                steps -= 1
                let next = near[position]
                guard count + size(next) <= rules.players.upperBound,
                    chosen.dropFirst().allSatisfy({ accepts($0, next) })
                else { continue }
                search(chosen + [next], count + size(next), from: position + 1)
            }
        }
        search([anchor], size(anchor), from: 0)
        return best
    }
}
