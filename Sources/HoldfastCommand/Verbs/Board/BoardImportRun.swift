import HoldfastMemoryStore
import HoldfastStorage

/// Submits the scores of one file: many at a time, those of one member in their order.
struct BoardImportRun: Sendable {
    /// Scores that wait to be sent, with the numbers of their lines.
    private struct Lane: Sendable {
        var submissions: [BoardSubmission] = []
        var lines: [Int] = []
    }

    /// Scores of one member always take the same lane; lanes go out beside each other.
    private static let lanes = 8
    /// Scores that a lane sends at a time.
    private static let batch = 200

    let options: BoardSubmitOptions
    let tally: ImportTally
    let progress: Progress
    /// How long to wait for a store that takes none of the fast scores.
    let patience: Duration

    /// Reads and submits until the end of the input.
    ///
    /// - Throws: What ends the whole import: input that cannot be read, a store or Redis that is gone.
    func run(_ input: InputFile, _ board: Board) async throws {
        var reader = LineReader(input)
        var lanes = [Lane](repeating: Lane(), count: Self.lanes)
        while let line = try await reader.next() {
            try Task.checkCancellation()
            progress.advance(items: 0, bytes: line.size)
            guard !line.isBlank else { continue }
            do throws(CommandError) {
                let parsed = try BoardImportLine(try line.content())
                let lane = parsed.member.bytes.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % Self.lanes
                lanes[lane].submissions.append(
                    BoardSubmission(
                        member: parsed.member, score: parsed.score, subscore: parsed.subscore,
                        scoreOperator: options.scoreOperator))
                lanes[lane].lines.append(line.number)
                if lanes[lane].lines.count == Self.batch { try await send(&lanes, board) }
            } catch {
                guard error.code == .badInput else { throw error }
                try fail(error, line: line.number)
            }
        }
        try await send(&lanes, board)
        try await options.finish(board, patience: patience)
    }

    /// Sends what all lanes hold, and waits for it.
    private func send(_ lanes: inout [Lane], _ board: Board) async throws(CommandError) {
        let full = lanes.filter { !$0.lines.isEmpty }
        lanes = [Lane](repeating: Lane(), count: Self.lanes)
        let results = await withTaskGroup(of: Result<[(line: Int, outcome: BoardOutcome)], any Error>.self) { group in
            for lane in full { group.addTask { await outcomes(of: lane, board) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        do {
            for result in results {
                for (line, outcome) in try result.get() {
                    switch outcome {
                    case .accepted:
                        tally.count(imported: 1)
                        progress.advance(items: 1)
                    case .refused(let refusal): try fail(options.error(refusal), line: line)
                    }
                }
            }
        } catch {
            throw CommandError(error)
        }
    }

    private func outcomes(
        of lane: Lane, _ board: Board
    ) async -> Result<[(line: Int, outcome: BoardOutcome)], any Error> {
        do {
            let outcomes = try await options.submit(lane.submissions, to: board, patience: patience)
            return .success(Array(zip(lane.lines, outcomes)).map { (line: $0.0, outcome: $0.1) })
        } catch {
            return .failure(error)
        }
    }

    private func fail(_ error: CommandError, line: Int) throws(CommandError) {
        try tally.fail(error, line: line)
        progress.advance(items: 1)
    }
}
