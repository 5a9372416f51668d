extension Fault {
    /// Scores that servers submitted, and what store and Redis make of them.
    static let boards: [Fault] = [
        Fault("an acknowledged score is not in the store", boards: 1) { history in
            try history.share()
            try history.submit(50, for: "1", to: "best", of: "s1", isStored: false)
            try history.finish()
        },
        Fault("a member with an acknowledged score has no row", boards: 1) { history in
            try history.share()
            try history.submit(50, for: "5", to: "best", of: "s1", isStored: false)
            try history.finish()
        },
        Fault("an acknowledged addition is not in the store", boards: 1) { history in
            try history.share()
            try history.submit(5, for: "1", to: "sum", of: "s1", isStored: false)
            try history.finish()
        },
        Fault("an addition counts twice", boards: 1) { history in
            try history.share()
            try history.submit(5, for: "1", to: "sum", of: "s1")
            try history.store(5, for: "1", on: "sum")
            try history.finish()
        },
        Fault("a score that changes nothing counts twice", boards: 1) { history in
            try history.share()
            try history.store(30, for: "2", on: "best")
            try history.finish()
        },
        Fault("the store has a score that nobody submitted", boards: 1) { history in
            try history.share()
            try history.sql("UPDATE score SET score = 31 WHERE space = 1 AND member = x'33'")
            try history.finish()
        },
        Fault("a score that was said to have no effect has one", boards: 1) { history in
            try history.share()
            try history.submit(70, for: "1", to: "best", of: "s1", fate: "unscored")
            try history.finish()
        },
        Fault("the store has a member that nobody submitted", boards: 1) { history in
            try history.share()
            try history.store(1, for: "9", on: "best")
            try history.finish()
        },
        Fault("Redis lacks a member", boards: 1) { history in
            try history.share()
            try history.finish("best") { $0.removeLast() }
        },
        Fault("Redis has an old score, and the ranks that belong to it", boards: 2) { history in
            try history.share()
            // 4 before 1 in the store, 1 before 4 in Redis.
            try history.submit(11, for: "4", to: "best", of: "s1")
            try history.finish("best") { rows in
                rows.swapAt(2, 3)
                (rows[2].rank, rows[3].rank, rows[3].score) = (3, 4, 5)
            }
        },
        Fault("Redis has equals in another order", boards: 2) { history in
            try history.share()
            try history.finish("best") { rows in
                rows.swapAt(0, 1)
                (rows[0].rank, rows[1].rank) = (1, 2)
            }
        },
        Fault("Redis gives equals that share a rank different ones", boards: 1) { history in
            try history.share()
            try history.finish("sum") { rows in rows[2].rank += 1 }
        },
        Fault("Redis has somebody whom the store does not know", boards: 1) { history in
            try history.share()
            try history.finish("best") { $0.append(History.Ranked(rank: 5, key: "9", score: 1)) }
        },
        Fault("Redis shows a member twice", boards: 1) { history in
            try history.share()
            try history.finish("best") { $0.append($0[3]) }
        },
        Fault("Redis was not read to the end") { history in
            try history.share()
            try history.finish("best", isFinished: false)
        },
        Fault("a document has other rewards than its board shows", boards: 1) { history in
            try history.share()
            try history.project()
            try history.sql("UPDATE score SET score = score + 1 WHERE space = 4 AND member = x'32'")
            try history.finish(projects: false)
        },
        Fault("a document's score is not in the store", boards: 1) { history in
            try history.share()
            try history.project()
            try history.sql("DELETE FROM score WHERE space = 4 AND member = x'31'")
            try history.finish(projects: false)
        },
        Fault("a score has no document", boards: 1) { history in
            try history.share()
            try history.sql("INSERT INTO score VALUES (4, x'39', 1, 0, 1, 1, 1, 0)")
            try history.finish()
        },
        Fault("Redis gives two with the same rewards different ranks", boards: 1) { history in
            try history.share()
            try history.save(try history.open("3", on: "s1"))
            try history.finish("rewards") { rows in rows[2].rank = 3 }
        },
    ]

    /// What was announced, and what servers heard of it.
    static let announcements: [Fault] = [
        Fault("a server never hears one") { history in
            try history.share()
            try history.announce(4, of: "s1")
            try history.announce(5, of: "s1")
            for sequence in [4, 5] as [Int64] { history.hear(sequence, on: "s1") }
            history.hear(5, on: "s2")
            try history.finish()
        },
        Fault("a server that stops has not heard the last one") { history in
            try history.share()
            try history.announce(4, of: "s1")
            history.hear(4, on: "s1")
            try history.finish()
        },
        Fault("a server hears one twice") { history in
            try history.share()
            history.hear(3, on: "s2")
            try history.finish()
        },
        Fault("a server hears two in the wrong order") { history in
            try history.share()
            for sequence in [4, 5] as [Int64] {
                try history.announce(sequence, of: "s1")
                history.hear(sequence, on: "s1")
            }
            for sequence in [5, 4] as [Int64] { history.hear(sequence, on: "s2") }
            try history.finish()
        },
        Fault("a server hears what nobody announced") { history in
            try history.share()
            history.hear(4, on: "s2")
            try history.finish()
        },
        Fault("a server hears another one under an announcement's number") { history in
            try history.share()
            try history.announce(4, of: "s1")
            history.hear(4, on: "s1")
            history.hear(4, on: "s2", as: history.news(9))
            try history.finish()
        },
        Fault("an acknowledged one is not in the store") { history in
            try history.share()
            try history.announce(4, of: "s1", isStored: false)
            for server in ["s1", "s2"] { history.hear(4, on: server) }
            try history.finish()
        },
        Fault("one that was said to have no effect is in the store") { history in
            try history.share()
            try history.announce(4, of: "s1", fate: "unannounced")
            try history.finish()
        },
        Fault("a server is told of a gap where there is none") { history in
            try history.share()
            try history.announce(4, of: "s1")
            history.hear(4, on: "s1")
            history.miss(4...4, on: "s2")
            try history.finish()
        },
        Fault("a gap begins where the log had given way, and goes on beyond that") { history in
            try history.share()
            history.miss(4...204, on: "s2")
            try history.overflow(missed: 204)
            try history.finish()
        },
        Fault("a gap begins where the log had given way, and has no end") { history in
            try history.share()
            history.miss(4..., on: "s2")
            try history.overflow(missed: 1_202)
            try history.finish()
        },
        Fault("the process that replaces a server leaves one out") { history in
            try history.share()
            history.listen("s3", after: 3)
            for sequence in [4, 5] as [Int64] {
                try history.announce(sequence, of: "s1")
                for server in ["s1", "s2"] { history.hear(sequence, on: server) }
            }
            history.listen("s3.2", as: "s3", after: 4)
            history.hear(5, on: "s3.2")
            try history.finish()
        },
    ]
}
