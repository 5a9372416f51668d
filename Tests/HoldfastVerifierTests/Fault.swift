import HoldfastStorage
import Testing

/// One thing that a broken build does to a correct history, and what the verdict must say of it.
struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var lost = 0
    var duplicate = 0
    var missing = 0
    var stale = 0
    var boards = 0
    var torn = 0
    var half = 0
    /// Whether all coins are still there.
    var coinsAgree = true
    let happens: @Sendable (History) throws -> Void

    init(
        _ description: String, lost: Int = 0, duplicate: Int = 0, missing: Int = 0, stale: Int = 0,
        boards: Int = 0, torn: Int = 0, half: Int = 0, coinsAgree: Bool = true,
        happens: @escaping @Sendable (History) throws -> Void
    ) {
        self.testDescription = description
        self.lost = lost
        self.duplicate = duplicate
        self.missing = missing
        self.stale = stale
        self.boards = boards
        self.torn = torn
        self.half = half
        self.coinsAgree = coinsAgree
        self.happens = happens
    }
}

extension Fault {
    /// Promise I1.
    static let fencing: [Fault] = [
        Fault("a superseded session's save is accepted", stale: 1) { history in
            let old = try history.open("3", on: "s1")
            try history.save(old) { $0.earned += 10 }
            _ = try history.open("3", on: "s2", how: "takeOver")
            try history.save(old) { $0.earned += 10 }
        },
        Fault("the fence goes down", stale: 1) { history in
            _ = try history.open("3", on: "s1", fence: 9)
            _ = try history.open("3", on: "s2", fence: 1)
        },
        Fault("a second owner seals with the same fence", stale: 1) { history in
            _ = try history.seal("3", on: "s1", fence: 4)
            _ = try history.seal("3", on: "s2", fence: 4)
        },
        Fault("a save changes the owner", stale: 1) { history in
            _ = try history.open("3", on: "s1")
            let saveID = Array(repeating: "ab", count: 16).joined()
            try history.sql(
                "UPDATE record SET version = 1, save_id = x'\(saveID)', owner_nonce = randomblob(16) WHERE key = x'33'")
        },
        Fault("a released row is written", stale: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.close(holder)
            try history.commit(holder)
        },
        Fault("a version is skipped", stale: 1) { history in
            let holder = try history.open("3", on: "s1")
            holder.version += 1
            try history.commit(holder)
        },
        Fault("a version is written twice", stale: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.commit(holder)
            holder.version -= 1
            try history.commit(holder)
        },
        Fault("one save is written twice", stale: 1) { history in
            let holder = try history.open("3", on: "s1")
            let saveID = try history.commit(holder)
            try history.commit(holder, saveID: saveID)
        },
        Fault("bytes change and the version does not", stale: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.save(holder)
            let other = try Payload.encode(canonical: holder.player.document.dropLast() + Array(",\"x\":1}".utf8))
            let hex = other.bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
            try history.sql(
                """
                UPDATE record SET payload = x'\(hex)', checksum = \(Int64(bitPattern: other.checksum)),
                    document_bytes = \(other.documentBytes) WHERE key = x'33'
                """)
        },
        Fault("a superseded session takes its fence back", stale: 1) { history in
            let holder = try history.open("3", on: "s1")
            _ = try history.seal("3", on: "s2")
            _ = try history.seal("3", on: "s1", owner: holder.owner)
        },
        Fault("one nonce seals two keys", stale: 1) { history in
            let holder = try history.open("3", on: "s1")
            _ = try history.seal("4", on: "s1", owner: holder.owner)
        },
        Fault("a save inserts its row", stale: 1) { history in
            try history.sql(
                """
                INSERT INTO record (deployment, collection, key, version, fence, owner_nonce, created_at, updated_at)
                VALUES (1, 'players', x'33', 5, 1, randomblob(16), 0, 0)
                """)
        },
        Fault("the row changes behind the log", stale: 1) { history in
            try history.sql("DROP TRIGGER holdfast_commit_log_update; UPDATE record SET fence = 99 WHERE key = x'31'")
        },
        Fault("a session is active without a seal", stale: 1) { history in
            let holder = try history.open("3", on: "s1")
            holder.fence += 1
            history.journal("opened", by: holder, #""version":0,"how":"free","coins":0"#)
        },
    ]

    /// Promise I2.
    static let durability: [Fault] = [
        Fault("a save is acknowledged and never committed", lost: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.save(holder)
            holder.version += 1
            holder.player.earned += 10
            history.acknowledge(.random(), by: holder)
        },
        Fault("a version belongs to another save than was acknowledged", lost: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.commit(holder)
            history.acknowledge(.random(), by: holder)
        },
        Fault("a later version forgets an acknowledged one", lost: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.save(holder) { $0.earned += 100 }
            try history.save(holder) { $0.earned -= 60 }
            try history.save(holder) { $0.earned += 90 }
        },
        Fault("the final document is not the acknowledged one", lost: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            let saveID = try history.commit(holder) { $0.earned += 100 }
            holder.player.earned += 1
            history.acknowledge(saveID, by: holder)
        },
        Fault("an unacknowledged last save forgets what was acknowledged", lost: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.save(holder) { $0.earned += 100 }
            try history.commit(holder) { $0.earned = 5 }
        },
        Fault("a session loads an older version", lost: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.save(holder)
            try history.close(holder)
            let next = try history.seal("3", on: "s2")
            history.journal("opened", by: next, #""version":1,"how":"free","coins":0"#)
        },
        Fault("a session loads other content than was acknowledged", lost: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.save(holder) { $0.earned += 100 }
            try history.close(holder)
            let next = try history.seal("3", on: "s2")
            history.journal("opened", by: next, #""version":2,"how":"free","coins":99"#)
        },
        Fault("a row vanishes", lost: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.commit(holder)
            try history.sql("DELETE FROM record WHERE key = x'33'")
        },
        Fault("a stored payload is corrupt", lost: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.save(holder) { $0.earned += 100 }
            try history.sql("UPDATE record SET payload = x'01' || substr(payload, 3) WHERE key = x'33'")
        },
        Fault("a stored payload has a format that nobody knows", lost: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.save(holder) { $0.earned += 100 }
            let checksum = Int64(bitPattern: Payload.checksum(of: [9, 9]))
            try history.sql(
                "DROP TRIGGER holdfast_commit_log_update;"
                    + "UPDATE record SET payload = x'0909', checksum = \(checksum) WHERE key = x'33'")
        },
    ]

    /// Promise I4.
    static let conservation: [Fault] = [
        Fault("a trade has one side", coinsAgree: false) { history in
            let from = try history.open("3", on: "s1")
            try history.save(from) { $0.earned += 100 }
            try history.save(from) { $0.tradedOut += 60 }
        },
        Fault("an acknowledged trade was committed on one side", lost: 1, coinsAgree: false) { history in
            let from = try history.open("3", on: "s1")
            let to = try history.open("4", on: "s1")
            try history.save(from) { $0.earned += 100 }
            try history.save(from) { $0.tradedOut += 60 }
            to.version += 1
            history.journalTrade(60, from: from, to: to)
        },
        Fault("a trade writes for a session that does not own the row", stale: 1) { history in
            let from = try history.open("3", on: "s1")
            let to = try history.open("4", on: "s1")
            try history.commit(from)
            try history.commit(to)
            let stranger = History.Holder(
                key: "4", process: "s1", owner: .random(), fence: 1, version: to.version, player: to.player)
            history.journalTrade(0, from: from, to: stranger)
        },
        Fault("a player ends with negative coins") { history in
            let from = try history.open("3", on: "s1")
            let to = try history.open("4", on: "s1")
            try history.trade(60, from: from, to: to)
        },
        Fault("coins come from nowhere", coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.save(holder) { $0.unexplained += 1 }
        },
    ]
}
