import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct BoardRankingTests {
    /// Place, limit, total, the places shown, whether there are pages before and after.
    static let published: [(Int, Int, Int, ClosedRange<Int>)] = [
        (1, 1, 10, 1...1), (5, 1, 10, 5...5), (1, 2, 10, 1...2), (5, 2, 10, 5...6), (10, 2, 10, 9...10),
        (1, 3, 10, 1...3), (2, 3, 10, 1...3), (5, 3, 10, 4...6), (9, 3, 10, 8...10), (10, 3, 10, 8...10),
        (1, 4, 10, 1...4), (2, 4, 10, 1...4), (5, 4, 10, 4...7), (10, 4, 10, 7...10), (1, 5, 10, 1...5),
        (2, 5, 10, 1...5), (5, 5, 10, 3...7), (9, 5, 10, 6...10), (10, 5, 10, 6...10), (3, 7, 10, 1...7),
        (1, 10, 10, 1...10), (2, 10, 3, 1...3), (1, 10, 1, 1...1), (10, 7, 20, 7...13),
    ]

    @Test("the windows around a member are the published ones", arguments: published)
    func windows(place: Int, limit: Int, total: Int, wanted: ClosedRange<Int>) {
        #expect(BoardRanking.window(around: place, total: total, limit: limit) == wanted)
        #expect(BoardModel.window(around: place, total: total, limit: limit) == Array(wanted))
    }

    @Test("every window is the one that cutting a list gives")
    func allWindows() {
        for total in 1...25 {
            for place in 1...total {
                for limit in 1...30 {
                    let window = BoardRanking.window(around: place, total: total, limit: limit)
                    #expect(Array(window) == BoardModel.window(around: place, total: total, limit: limit))
                }
            }
        }
    }

    @Test("rows that follow each other get the numbers of their style")
    func ranks() {
        let levels = [9, 9, 7, 7, 7, 3]
        #expect(BoardRanking.ranks(.unique, of: levels, start: 4, firstPlace: 4) == [5, 6, 7, 8, 9, 10])
        #expect(BoardRanking.ranks(.competition, of: levels, start: 4, firstPlace: 3) == [4, 4, 7, 7, 7, 10])
        #expect(BoardRanking.ranks(.dense, of: levels, start: 4, firstPlace: 1) == [2, 2, 3, 3, 3, 4])
        #expect(BoardRanking.ranks(.dense, of: [Int](), start: 0, firstPlace: 0).isEmpty)
    }
}
