import Foundation
import GRDB
import HoldfastStorage

/// What servers share: two boards, and a channel.
extension History {
    /// One row that Redis shows.
    struct Ranked {
        var rank: Int64
        var key: String
        var score: Int64
    }

    /// Scores of four players, two of them equal, and three announcements that two servers hear.
    func share() throws {
        for (key, best, sum) in [("1", 10, 3), ("2", 30, 4), ("3", 30, 3), ("4", 5, 1)] as [(String, Int64, Int64)] {
            try submit(best, for: key, to: "best", of: "s1")
            try submit(best - 1, for: key, to: "best", of: "s2")
            try submit(sum, for: key, to: "sum", of: "s2")
        }
        // Nobody heard what became of these two: one is in the store, one is not.
        try submit(2, for: "4", to: "sum", of: "s2", fate: nil)
        try submit(90, for: "4", to: "best", of: "s2", fate: nil, isStored: false)
        for server in ["s1", "s2"] { listen(server) }
        for sequence in 1...3 as ClosedRange<Int64> {
            try announce(sequence, of: "s1")
            for server in ["s1", "s2"] { hear(sequence, on: server) }
        }
    }

    /// Redis is read, with one board changed, and both servers stop.
    func finish(
        _ board: String = "", isFinished: Bool = true, projects: Bool = true,
        _ edit: (inout [Ranked]) -> Void = { _ in }
    ) throws {
        if projects { try project() }
        for each in ["best", "sum", "rewards"] {
            try rank(each, isFinished: isFinished || each != board) { if each == board { edit(&$0) } }
        }
        for server in ["s1", "s2"] { line(#""kind":"parting""#, of: server) }
    }

    // MARK: - Boards

    /// Journals a submission, and makes it in the store.
    func submit(
        _ score: Int64, for key: String, to board: String, of process: String, fate: String? = "scored",
        isStored: Bool = true
    ) throws {
        let number = now
        line(
            #""kind":"scoring","number":\#(number),"board":"\#(board)","key":"\#(key)","score":\#(score)"#, of: process)
        if isStored { try store(score, for: key, on: board) }
        if let fate { line(#""kind":"\#(fate)","number":\#(number)"#, of: process) }
    }

    /// Changes a row as the store does.
    func store(_ score: Int64, for key: String, on board: String) throws {
        let (space, met) = board == "best" ? (1, "max(score, excluded.score)") : (2, "score + excluded.score")
        try sql(
            """
            UPDATE space SET last = last + 1 WHERE number = \(space);
            INSERT INTO score VALUES (
                \(space), CAST('\(key)' AS BLOB), \(score), 0, 1, (SELECT last FROM space WHERE number = \(space)),
                (SELECT last FROM space WHERE number = \(space)), 0
            ) ON CONFLICT DO UPDATE SET submissions = submissions + 1, change = excluded.change, score = \(met),
                reached = CASE WHEN score = \(met) THEN reached ELSE excluded.reached END
            """)
    }

    /// Writes the rewards of every document, as their commits do.
    func project() throws {
        for (key, record) in stored.sorted(by: { $0.key < $1.key }) {
            try sql(
                """
                INSERT INTO score VALUES
                (4, CAST('\(key)' AS BLOB), \(record.player.rewards), 0, 1, \(now), \(now), 0)
                """)
            now += 1
        }
    }

    /// Journals what Redis shows: what the store has, unless it is changed.
    private func rank(_ board: String, isFinished: Bool, _ edit: (inout [Ranked]) -> Void) throws {
        let order = board == "best" ? "score DESC, reached" : "score DESC, member DESC"
        let (space, function) =
            switch board {
            case "best": (1, "row_number() OVER (ORDER BY \(order))")
            case "sum": (2, "rank() OVER (ORDER BY score DESC)")
            default: (4, "dense_rank() OVER (ORDER BY score DESC)")
            }
        var rows = try database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(function), CAST(member AS TEXT), score FROM score WHERE space = ? ORDER BY \(order)
                    """, arguments: [space]
            ).map { Ranked(rank: $0[0], key: $0[1], score: $0[2]) }
        }
        edit(&rows)
        for row in rows {
            line(
                #""kind":"ranked","board":"\#(board)","rank":\#(row.rank),"key":"\#(row.key)","score":\#(row.score)"#,
                of: "demo")
        }
        if isFinished { line(#""kind":"ranking","board":"\#(board)","rows":\#(rows.count)"#, of: "demo") }
    }

    // MARK: - Announcements

    /// The id of the announcement with this number.
    func news(_ sequence: Int64) -> RandomID { RandomID(high: 7, low: UInt64(sequence)) }

    /// Journals an announcement, and puts it into the store.
    func announce(_ sequence: Int64, of process: String, fate: String? = "announced", isStored: Bool = true) throws {
        let id = news(sequence)
        line(#""kind":"announcing","id":"\#(id)""#, of: process)
        if isStored {
            try sql("UPDATE space SET last = \(sequence) WHERE number = 3")
            try database.write { database in
                try database.execute(
                    sql: "INSERT INTO log_entry VALUES (3, ?, ?, x'00')", arguments: [sequence, Data(id.bytes)])
            }
        }
        if let fate { line(#""kind":"\#(fate)","id":"\#(id)","sequence":\#(sequence)"#, of: process) }
    }

    func listen(_ process: String, as reader: String? = nil, after sequence: Int64 = 0) {
        line(#""kind":"listening","reader":"\#(reader ?? process)","after":\#(sequence)"#, of: process)
    }

    func hear(_ sequence: Int64, on process: String, as id: RandomID? = nil) {
        line(#""kind":"heard","sequence":\#(sequence),"id":"\#(id ?? news(sequence))""#, of: process)
    }

    func miss(_ gap: ClosedRange<Int64>, on process: String) {
        line(#""kind":"missed","from":\#(gap.lowerBound),"to":\#(gap.upperBound)"#, of: process)
    }

    /// Is told of a gap whose end nobody knows.
    func miss(_ gap: PartialRangeFrom<Int64>, on process: String) {
        line(#""kind":"missed","from":\#(gap.lowerBound)"#, of: process)
    }

    /// Announces so much that the first 203 give way; `s1` hears all of it, `s2` what comes after `missed`.
    func overflow(missed: Int64) throws {
        for sequence in 4...1_203 as ClosedRange<Int64> {
            try announce(sequence, of: "s1")
            hear(sequence, on: "s1")
            if sequence > missed { hear(sequence, on: "s2") }
        }
        try sql("DELETE FROM log_entry WHERE sequence <= 203")
    }
}
