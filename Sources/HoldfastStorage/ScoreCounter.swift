/// The counter of one score table, and what each submission does to the table.
///
/// For backends that read a row, decide and write it under the table's lock; the others have the same rules in SQL.
package struct ScoreCounter: Sendable, Equatable {
    /// A row with the part of it that only the rules see; tombstones included.
    package struct Row: Sendable, Equatable {
        package var row: ScoreRow
        /// The version of the record that was projected last; nil when none was.
        package var recordVersion: Int64?

        package init(_ row: ScoreRow, recordVersion: Int64?) {
            self.row = row
            self.recordVersion = recordVersion
        }
    }

    /// What a submission comes to.
    package enum Decision: Sendable, Equatable {
        /// The row is written as it is here.
        case write(Row, ScoreOutcome)
        /// Nothing is written.
        case pass(ScoreOutcome)
    }

    /// Drawn when the table was created.
    package var generation: RandomID
    /// The last change number handed out.
    package var last: Int64
    /// How many members there are; tombstones do not count.
    package var members: Int

    package init(generation: RandomID, last: Int64 = 0, members: Int = 0) {
        self.generation = generation
        self.last = last
        self.members = members
    }

    /// Decides on a submission and hands out its change number.
    ///
    /// - Parameters:
    ///   - submission: Checked already.
    ///   - stored: The member's row; nil when it has none.
    ///   - now: The date of the change.
    package mutating func decide(_ submission: ScoreSubmission, stored: Row?, now: Int64) -> Decision {
        let conditions = submission.conditions
        if let version = submission.recordVersion, let last = stored?.recordVersion, version <= last {
            return .pass(.refused(.superseded))
        }
        if let window = conditions.window, !window.contains(now) {
            return .pass(.refused(.outsideWindow(nowMillis: now)))
        }
        let present = stored.flatMap { $0.row.isRemoved ? nil : $0.row }
        if present == nil, conditions.requiresMember { return .pass(.refused(.notAMember)) }
        var row: ScoreRow
        var changed = false
        switch submission.action {
        case .leave:
            guard let present else { return .pass(.removed) }
            guard present.submissions == 0 else { return .pass(.refused(.hasSubmitted)) }
            members -= 1
            row = Self.row(of: submission.member, ScorePair(score: 0, subscore: 0))
            row.isRemoved = true
            changed = true
        case .join:
            if let present {
                guard submission.metadata != nil else { return .pass(.accepted(present, changed: false)) }
                row = present
            } else {
                if let most = conditions.maximumMembers, members >= most { return .pass(.refused(.full)) }
                members += 1
                row = Self.row(of: submission.member, ScorePair(score: 0, subscore: 0))
            }
        case .remove:
            // A projection leaves its mark even where nobody is, so that an older one does not bring the member back.
            guard present != nil || submission.recordVersion != nil else { return .pass(.removed) }
            if present != nil { members -= 1 }
            row = Self.row(of: submission.member, ScorePair(score: 0, subscore: 0))
            row.isRemoved = true
            changed = true
        case .metadata:
            guard let present else { return .pass(.refused(.notAMember)) }
            row = present
        case .submit(let score, let subscore, let rule):
            if let most = conditions.maximumSubmissions, let present, present.submissions >= most {
                return .pass(.refused(.noSubmissionsLeft))
            }
            // Who has only joined has no score to meet.
            let scored = present.flatMap { $0.submissions > 0 ? $0 : nil }
            let before = scored.map { ScorePair(score: $0.score, subscore: $0.subscore) }
            guard let after = rule.meet(stored: before, submitted: ScorePair(score: score, subscore: subscore)) else {
                return .pass(.refused(.overflow))
            }
            if let most = conditions.maximumMembers, present == nil, members >= most { return .pass(.refused(.full)) }
            if present == nil { members += 1 }
            row = present ?? Self.row(of: submission.member, after)
            (row.score, row.subscore) = (after.score, after.subscore)
            row.submissions += Int64(submission.count)
            changed = before != after
        }
        last += 1
        row.change = last
        if changed { row.reached = last }
        if let metadata = submission.metadata, !row.isRemoved { row.metadata = metadata }
        row.updatedAtMillis = now
        let written = Row(row, recordVersion: submission.recordVersion ?? stored?.recordVersion)
        return .write(written, row.isRemoved ? .removed : .accepted(row, changed: changed))
    }

    private static func row(of member: Key, _ pair: ScorePair) -> ScoreRow {
        ScoreRow(
            member: member, score: pair.score, subscore: pair.subscore, submissions: 0, change: 0, reached: 0,
            metadata: nil, updatedAtMillis: 0, isRemoved: false
        )
    }
}

extension ScoreSubmission {
    /// The outcome of a submission whose batch was applied before.
    ///
    /// - Parameters:
    ///   - refusal: What was remembered of it; nil when it was accepted.
    ///   - stored: The member's row as it stands; nil or a tombstone when it is not there.
    package func standing(refusal: ScoreOutcome.Refusal?, stored: ScoreRow?) -> ScoreOutcome {
        if let refusal { return .refused(refusal) }
        if action.removes { return .removed }
        guard let stored, !stored.isRemoved else { return .removed }
        return .accepted(stored, changed: false)
    }
}

extension ScoreSubmission.Action {
    /// Whether the member is gone afterwards.
    package var removes: Bool { self == .remove || self == .leave }
}

extension ScoreBatch {
    /// How long the id of a batch is remembered: an hour.
    package static let memoryMillis: Int64 = 3_600_000
    /// The most ids that one group forgets.
    package static let forgottenAtOnce = 256
}

extension ScoreOutcome.Refusal {
    /// The number that stores keep of it.
    package var code: UInt8 {
        switch self {
        case .overflow: 1
        case .noSubmissionsLeft: 2
        case .full: 3
        case .notAMember: 4
        case .superseded: 5
        case .outsideWindow: 6
        case .hasSubmitted: 7
        }
    }

    /// Reads ``code``; nil for a number that no build writes.
    ///
    /// - Parameter nowMillis: What ``outsideWindow(nowMillis:)`` says of a batch that is repeated.
    package init?(code: some BinaryInteger, nowMillis: Int64) {
        switch code {
        case 1: self = .overflow
        case 2: self = .noSubmissionsLeft
        case 3: self = .full
        case 4: self = .notAMember
        case 5: self = .superseded
        case 6: self = .outsideWindow(nowMillis: nowMillis)
        case 7: self = .hasSubmitted
        default: return nil
        }
    }
}
