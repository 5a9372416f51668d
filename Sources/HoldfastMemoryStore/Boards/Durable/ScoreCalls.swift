import HoldfastStorage

/// The calls of a ``ScoreWriter`` that are not answered yet; no I/O, no clock and no lock inside.
///
/// A call and its changes have consecutive numbers: the call's own, then one for each change.
struct ScoreCalls {
    typealias Reply = Result<ScoreWriter.Answer, StoreError>
    typealias Continuation = CheckedContinuation<Reply, Never>
    /// Whom to answer, after the lock that guards this is free.
    typealias Resume = (continuation: Continuation, reply: Reply)

    private struct Call {
        var outcomes: [ScoreBatcher.Settled?]
        var missing: Int
        var reached: [SpaceName: Int64] = [:]
        /// Nil until the caller waits.
        var continuation: Continuation?
        /// What came before the caller waited.
        var reply: Reply?
    }

    private var calls: [UInt64: Call] = [:]
    /// The calls of changes that the store has not answered.
    private var owners: [UInt64: UInt64] = [:]
    private var lastID: UInt64 = 0

    /// The calls that wait, or whose reply waits.
    var open: [UInt64] { Array(calls.keys) }

    /// Opens a call of so many changes.
    ///
    /// - Returns: Its number, and those of its changes in their order.
    mutating func open(_ count: Int) -> (call: UInt64, changes: ClosedRange<UInt64>) {
        let call = lastID + 1
        let changes = call + 1...call + UInt64(count)
        lastID = changes.upperBound
        calls[call] = Call(outcomes: [ScoreBatcher.Settled?](repeating: nil, count: count), missing: count)
        for change in changes { owners[change] = call }
        return (call, changes)
    }

    /// The call of a change that the store has not answered.
    func owner(of change: UInt64) -> UInt64? { owners[change] }

    /// The changes of a call that the store has not answered.
    func unanswered(_ call: UInt64) -> Set<UInt64> {
        guard let count = calls[call]?.outcomes.count else { return [] }
        return Set((call + 1...call + UInt64(count)).lazy.filter { owners[$0] != nil })
    }

    /// Whether the store has answered for some changes of a call.
    func isPartlyAnswered(_ call: UInt64) -> Bool { calls[call].map { $0.missing < $0.outcomes.count } ?? false }

    /// Lets a caller wait; the reply where it is there already.
    mutating func wait(_ call: UInt64, _ continuation: Continuation) -> Reply? {
        if let reply = calls[call]?.reply {
            calls[call] = nil
            return reply
        }
        calls[call]?.continuation = continuation
        return nil
    }

    /// Takes what became of changes, and the numbers that the tables' changes took.
    mutating func settle(
        _ settled: [ScoreBatcher.Settled], _ changes: [SpaceName: ClosedRange<Int64>]
    ) -> [Resume] {
        var resumes: [Resume] = []
        for change in settled {
            guard let id = owners.removeValue(forKey: change.id), var call = calls.removeValue(forKey: id) else {
                continue
            }
            call.outcomes[Int(change.id - id - 1)] = change
            var last = changes[change.table]?.upperBound
            // The answer to a batch that was repeated names no changes, only the rows as they are.
            if last == nil, case .accepted(let row, _) = change.outcome { last = row.change }
            if let last { call.reached[change.table] = max(last, call.reached[change.table] ?? 0) }
            call.missing -= 1
            calls[id] = call
            guard call.missing == 0 else { continue }
            let answer = ScoreWriter.Answer(outcomes: call.outcomes.compactMap { $0 }, reached: call.reached)
            if let resume = finish(id, .success(answer)) { resumes.append(resume) }
        }
        return resumes
    }

    /// Answers a call, once; its changes without an answer belong to nobody from here on.
    mutating func finish(_ call: UInt64, _ reply: Reply) -> Resume? {
        guard let finished = calls[call], finished.reply == nil else { return nil }
        for change in unanswered(call) { owners[change] = nil }
        guard let continuation = finished.continuation else {
            calls[call]?.reply = reply
            return nil
        }
        calls[call] = nil
        return (continuation, reply)
    }
}
