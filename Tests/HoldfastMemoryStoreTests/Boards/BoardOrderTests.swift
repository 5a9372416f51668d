import HoldfastStorage
import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct BoardOrderTests {
    @Test("every number of Int64 comes back from its double and residue, and doubles with residues keep the order")
    func numbers() throws {
        var generator = SeededGenerator(seed: 1)
        var numbers = ScoreSamples.edges
        for _ in 0..<5_000 { numbers.append(ScoreSamples.any(using: &generator)) }
        for number in numbers {
            let coded = BoardNumber(number)
            let read = try #require(BoardNumber.read(coded.nearest, coded.residue[...]))
            #expect(read.number == number && read.length == coded.residue.count)
            #expect(BoardNumber.isSmall(number) == coded.residue.isEmpty)
        }
        numbers.sort()
        for (low, high) in zip(numbers, numbers.dropFirst()) where low < high {
            let (one, other) = (BoardNumber(low), BoardNumber(high))
            #expect(
                one.nearest < other.nearest
                    || one.nearest == other.nearest && one.residue.lexicographicallyPrecedes(other.residue))
        }
    }

    @Test("bytes that no number has are refused")
    func foreignNumbers() {
        #expect(BoardNumber.read(0.5, []) == nil)
        #expect(BoardNumber.read(.nan, []) == nil)
        #expect(BoardNumber.read(.infinity, [2, 0]) == nil)
        #expect(BoardNumber.read(0x1p60, [2]) == nil)
        #expect(BoardNumber.read(0x1p63, [2, 0]) == nil)
        #expect(BoardNumber.read(-0x1p63, [1, 255]) == nil)
        #expect(BoardNumber.read(0x1p63, [1, 255])?.number == .max)
        #expect(BoardNumber.read(-0x1p63, [2, 0])?.number == .min)
    }

    @Test(
        "elements stand in the order of score, subscore, tie and member, and read back", arguments: BoardCombination.all
    )
    func elements(_ combination: BoardCombination) throws {
        let rules = combination.rules
        let order = BoardOrder(rules)
        var generator = SeededGenerator(seed: 2)
        var model: [(entry: BoardEntry, row: BoardModel.Row)] = []
        for number in 0..<150 {
            let member = try Key("m\(generator.number(in: 0...99))\(number)")
            let (score, subscore) = (
                ScoreSamples.few(using: &generator), ScoreSamples.few(using: &generator)
            )
            let reached = Int64(number + 1)
            let coded = BoardNumber(score)
            let prefix = order.prefix(coded, subscore, reached: reached)
            let entry = try #require(order.entry(coded.nearest, prefix + member.bytes))
            #expect(entry.member == member && entry.score == score && entry.subscore == subscore)
            #expect(Array(entry.anchor.bytes.prefix(entry.markLength)) == order.mark(coded, subscore))
            let pair = try #require(order.pair(coded.nearest, prefix))
            #expect(pair.score == score && pair.subscore == subscore)
            model.append(
                (
                    entry,
                    BoardModel.Row(
                        member: member, pair: ScorePair(score: score, subscore: subscore), reached: reached,
                        submissions: 1, metadata: nil)
                ))
        }
        let reference = BoardModel(rules)
        // Counted, since an expectation for each pair would take longer than all the rest.
        var faults = 0
        for left in model {
            for right in model {
                let isBefore = reference.isBefore(left.row, right.row)
                if order.isBefore(left.entry.anchor, right.entry.anchor) != isBefore { faults += 1 }
                // The start of a level divides it from better ones.
                let start = order.start(of: right.entry.level)
                let isBetter = rules.scoreRule().isBetter(left.row.pair, than: right.row.pair)
                if order.isBefore(left.entry.anchor, start) != isBetter { faults += 1 }
            }
            #expect(order.isBefore(order.top, left.entry.anchor) && order.isBefore(left.entry.anchor, order.bottom))
        }
        for _ in 0..<100 {
            let ends = [ScoreSamples.few(using: &generator), ScoreSamples.few(using: &generator)].sorted()
            let bounds = order.bounds(of: ends[0]...ends[1])
            for (entry, row) in model {
                let isWithin =
                    order.isBefore(bounds.start, entry.anchor) && order.isBefore(entry.anchor, bounds.end)
                if isWithin != (ends[0]...ends[1]).contains(row.pair.score) { faults += 1 }
            }
        }
        #expect(faults == 0)
    }

    @Test("bytes that no board writes are refused")
    func foreignElements() {
        let order = BoardOrder(BoardRules())
        #expect(order.entry(1, []) == nil)
        #expect(order.entry(1, Array("=".utf8)) == nil)
        #expect(order.entry(1, Array(">1234567".utf8)) == nil)
        #expect(order.entry(1, Array(">12345678".utf8)) == nil)
        #expect(order.entry(0x1p60, Array("=".utf8)) == nil)
        #expect(order.entry(0.5, Array("=a".utf8)) == nil)
        #expect(order.entry(1, [UInt8(ascii: "="), 255]) == nil)
        #expect(BoardOrder(BoardRules(ties: .first)).entry(1, Array("=1234567".utf8)) == nil)
    }

    @Test("members spread evenly over shards, and stay there")
    func sharding() async throws {
        var counts = [Int](repeating: 0, count: 8)
        for number in 0..<8_000 { counts[Int(StableHash.of(Key(number).bytes) % 8)] += 1 }
        #expect(counts.allSatisfy { (850...1_150).contains($0) }, "\(counts)")
        // Other values would move every member of a board that is in use.
        #expect(StableHash.of(Array("alice".utf8)) == StableHash.of(Array("alice".utf8)))
        #expect(Int(StableHash.of(Array("alice".utf8)) % 8) == Self.shardOfAlice)
    }

    private static let shardOfAlice = 4
}
