import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// A board that adds points up, durable ones for some members and fast ones for others.
final class BoardLoad: DrillLoad {
    private struct Tally {
        var acknowledged: [Key: Int64] = [:]
        var doubts: [Key: Int64] = [:]
    }

    let name: String
    private let boards: [Board]
    private let durable = (0..<8).map { Key($0) }
    private let fast = (8..<16).map { Key($0) }
    private let tally = Mutex(Tally())

    /// Takes one handle for each server.
    init(_ name: String, _ boards: [Board]) {
        self.name = "board \(name)"
        self.boards = boards
    }

    func step(task: Int, number: Int) async throws -> Bool {
        let board = boards[task % boards.count]
        let isFast = number.isMultiple(of: 3)
        let member = (isFast ? fast : durable)[number % 8]
        do throws(MemoryStoreError) {
            if isFast {
                try await board.submitFast(1, for: member)
            } else {
                try await board.submit(1, for: member)
            }
            tally.withLock { $0.acknowledged[member, default: 0] += 1 }
        } catch {
            if error.code == .outcomeUnknown { tally.withLock { $0.doubts[member, default: 0] += 1 } }
            throw error
        }
        // Only Redis knows it.
        return try await board.rank(of: member) != nil
    }

    func verify(mayLose: Bool) async throws {
        let tally = tally.withLock { $0 }
        for (number, board) in boards.enumerated() {
            var (shown, stored): ([Key: Int64], [Key: Int64]) = ([:], [:])
            do {
                try await eventually("Redis has what the store has") {
                    stored = try await self.stored(board)
                    guard let page = try? await board.top(100, maximumAge: .zero) else { return false }
                    shown = Dictionary(uniqueKeysWithValues: page.rows.map { ($0.member, $0.score) })
                    return shown == stored && Set(shown.keys) == Set(tally.acknowledged.keys)
                        && (mayLose || fast.allSatisfy { shown[$0] ?? 0 >= tally.acknowledged[$0] ?? 0 })
                }
            } catch {
                Issue.record("\(name), server \(number): Redis has \(shown), the store \(stored); \(tally)")
            }
            for (member, score) in stored {
                let acknowledged = tally.acknowledged[member, default: 0]
                #expect(score <= acknowledged + tally.doubts[member, default: 0], "\(name): a point counts twice")
                if durable.contains(member) { #expect(score >= acknowledged, "\(name): a durable point is lost") }
            }
        }
    }

    private func stored(_ board: Board) async throws -> [Key: Int64] {
        let members = durable + fast
        let scores = try await board.stored(members)
        return Dictionary(
            uniqueKeysWithValues: zip(members, scores).compactMap { member, score in score.map { (member, $0.score) } })
    }
}
