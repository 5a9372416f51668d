import HoldfastStorage

// How the results of log and score requests become their replies.

extension SpaceTransaction {
    /// Reads the results of ``statements()``, in their order.
    func replies(_ results: some Sequence<QueryResult>) throws(StoreError) -> [Int: StoreReply] {
        var generations: [Kind: [SpaceName: RandomID]] = [:]
        var full: [Int: Int] = [:]
        var sequences: [Int: [Int64]] = [:]
        var trimmed: [Int: Int] = [:]
        var scores: [Int: [ScoreDecision]] = [:]
        for (step, result) in zip(steps, results) {
            switch step {
            case .ignored: break
            case .opened: generations = try Self.generations(in: result)
            case .trimmed:
                for row in result.rows { trimmed[Int(try row.integer(0)), default: 0] += Int(try row.integer(1)) }
            case .appended(let round): try Self.read(result, of: round, &full, &sequences)
            case .submitted(let round):
                let found = try ScoreDecision.read(result, of: round.submissions)
                for decision in found { scores[decision.submission.request, default: []].append(decision) }
            }
        }
        scores = scores.mapValues { $0.sorted { $0.submission.number < $1.submission.number } }
        var replies: [Int: StoreReply] = [:]
        for (request, append) in appends {
            if let count = full[request] {
                replies[request] = .append(.full(count: count))
            } else if let generation = generations[.log]?[append.log], let numbers = sequences[request] {
                replies[request] = .append(.appended(generation: generation, sequences: numbers))
            }
        }
        for request in trims { replies[request] = .trim(trimmed[request] ?? 0) }
        for (request, batch) in batches {
            var decisions = scores[request] ?? []
            guard decisions.count == batch.submissions.count else { continue }
            if case .repeated(of: let first)? = gates[request] { decisions.takeRefusals(of: scores[first] ?? []) }
            let names = Set(batch.submissions.map(\.table))
            let found = generations[.scores]?.filter { names.contains($0.key) } ?? [:]
            replies[request] = .submit(decisions.outcome(generations: found))
        }
        return replies
    }

    private static func generations(in result: QueryResult) throws(StoreError) -> [Kind: [SpaceName: RandomID]] {
        var generations: [Kind: [SpaceName: RandomID]] = [:]
        for row in result.rows {
            guard let kind = Kind(rawValue: try row.integer(0)), let generation = try row.optionalID(2) else {
                throw StoreError(.corrupt, "a stored log or score table is of a kind that no build writes")
            }
            generations[kind, default: [:]][try SpaceName(bytes: try row.bytes(1))] = generation
        }
        return generations
    }

    private static func read(
        _ result: QueryResult, of round: SpaceSchedule.Round, _ full: inout [Int: Int],
        _ sequences: inout [Int: [Int64]]
    ) throws(StoreError) {
        var numbers: [Int: Int64] = [:]
        for row in result.rows {
            let number = Int(try row.integer(1))
            if try row.integer(0) == 1 {
                numbers[number] = try row.integer(3)
            } else if row.flag(2) {
                full[number] = Int(try row.integer(3))
            }
        }
        var entry = 0
        for append in round.appends {
            let found = (entry..<entry + append.body.entries.count).compactMap { numbers[$0] }
            entry += append.body.entries.count
            if found.count == append.body.entries.count { sequences[append.request] = found }
        }
    }
}
