import Foundation
import GRDB
import HoldfastStorage
import HoldfastVerifier
import TestServers

/// A run of a fleet written by hand: rows in a SQLite store of the documented layout, and journals.
///
/// ``init()`` gives a correct run; a test then adds what a broken build would have done.
final class History: JournalFolder {
    /// One open session.
    final class Holder {
        let key: String
        let process: String
        let owner: RandomID
        var fence: Int64
        var version: Int64
        var player: Player

        init(key: String, process: String, owner: RandomID, fence: Int64, version: Int64, player: Player) {
            self.key = key
            self.process = process
            self.owner = owner
            self.fence = fence
            self.version = version
            self.player = player
        }
    }

    static let leaseMillis: Int64 = 1_500

    let store: StoreLocation
    let database: DatabaseQueue
    /// What was committed last.
    private(set) var stored: [String: (version: Int64, player: Player)] = [:]

    init() throws {
        let folder = try TemporaryFolder()
        store = .sqlite(path: folder.file("store.sqlite"))
        database = try DatabaseQueue(path: folder.file("store.sqlite"))
        try database.write { try $0.execute(sql: Self.layout) }
        try CommitLog.install(at: store)
        super.init(folder: folder)
    }

    /// Two players on two servers: saves, a hop, a take-over, a trade, rewards, a refused stale save.
    static func correct() throws -> History {
        let history = try History()
        let first = try history.open("1", on: "s1")
        try history.save(first) { $0.earned += 100 }
        try history.save(first) { $0.earned += 50 }
        try history.close(first)
        let second = try history.open("1", on: "s2")
        let other = try history.open("2", on: "s2")
        try history.save(other) { $0.earned += 40 }
        try history.trade(20, from: second, to: other)
        try history.deliver("reward:a", to: "2", coins: 30)
        try history.save(other, applying: ["reward:a"]) {
            $0.rewarded += 30
            $0.rewards += 1
        }
        try history.close(other)
        try history.deliver("reward:b", to: "2", coins: 5)
        try history.deliver("reward:pending", to: "1", coins: 7)
        // s2 freezes past its lease; s1 takes over, and the save of s2 is refused when it wakes.
        history.now += 5_000_000_000
        let third = try history.open("1", on: "s1", how: "takeOver")
        history.journal("refused", by: second, #""version":\#(second.version)"#)
        history.journal("ended", by: second, #""reason":"lost""#)
        try history.save(third) { $0.earned += 1 }
        let again = try history.open("2", on: "s1")
        try history.save(again, applying: ["reward:b"]) {
            $0.rewarded += 5
            $0.rewards += 1
        }
        try history.close(again)
        return history
    }

    // MARK: - What a build does

    /// Seals a row and writes `opened`.
    @discardableResult
    func open(
        _ key: String, on process: String, how: String = "free", owner: RandomID = .random(), fence: Int64? = nil
    ) throws -> Holder {
        let holder = try seal(key, on: process, owner: owner, fence: fence)
        journal("opened", by: holder, #""version":\#(holder.version),"how":"\#(how)","coins":\#(holder.player.coins)"#)
        return holder
    }

    /// Seals a row, with the next fence unless one is given.
    func seal(
        _ key: String, on process: String, owner: RandomID = .random(), fence: Int64? = nil
    ) throws -> Holder {
        let fence = try database.write { database in
            let old = try Int64.fetchOne(
                database, sql: "SELECT fence FROM record WHERE key = ?", arguments: [Data(key.utf8)])
            let fence = fence ?? (old ?? 0) + 1
            try database.execute(
                sql: """
                    INSERT INTO record
                        (deployment, collection, key, version, fence, owner_nonce, created_at, updated_at)
                    VALUES (1, 'players', ?, 0, ?, ?, 0, 0)
                    ON CONFLICT (deployment, collection, key)
                    DO UPDATE SET fence = excluded.fence, owner_nonce = excluded.owner_nonce
                    """, arguments: [Data(key.utf8), fence, Data(owner.bytes)])
            return fence
        }
        let found = stored[key] ?? (0, Player())
        return Holder(
            key: key, process: process, owner: owner, fence: fence, version: found.version, player: found.player)
    }

    /// Commits the next version and its receipts, without any journal line.
    ///
    /// - Returns: The save's id.
    @discardableResult
    func commit(
        _ holder: Holder, applying ids: [String] = [], releases: Bool = false, saveID: RandomID = .random(),
        _ edit: (inout Player) -> Void = { _ in }
    ) throws -> RandomID {
        edit(&holder.player)
        holder.version += 1
        stored[holder.key] = (holder.version, holder.player)
        let payload = try Payload.encode(canonical: holder.player.document)
        try database.write { database in
            try database.execute(
                sql: """
                    UPDATE record SET version = ?, save_id = ?, payload = ?, checksum = ?, document_bytes = ?,
                        owner_nonce = CASE WHEN ? THEN NULL ELSE owner_nonce END
                    WHERE key = ?
                    """,
                arguments: [
                    holder.version, Data(saveID.bytes), Data(payload.bytes), Int64(bitPattern: payload.checksum),
                    payload.documentBytes, releases, Data(holder.key.utf8),
                ])
            for id in ids {
                try database.execute(
                    sql: "UPDATE operation SET state = 'applied' WHERE key = ? AND id = ?",
                    arguments: [Data(holder.key.utf8), Data(id.utf8)])
            }
        }
        return saveID
    }

    /// Commits and acknowledges.
    func save(
        _ holder: Holder, applying ids: [String] = [], releases: Bool = false,
        _ edit: (inout Player) -> Void = { _ in }
    ) throws {
        acknowledge(try commit(holder, applying: ids, releases: releases, edit), by: holder, applying: ids)
    }

    /// Writes `saved`, and `applied` for each operation.
    func acknowledge(_ saveID: RandomID, by holder: Holder, applying ids: [String] = []) {
        journal("saved", by: holder, #""version":\#(holder.version),"saveID":"\#(saveID)",\#(holder.player.balance)"#)
        for id in ids {
            journal("applied", by: holder, #""id":"\#(id)","version":\#(holder.version)"#)
        }
    }

    /// The last save and the end.
    func close(_ holder: Holder) throws {
        try save(holder, releases: true)
        journal("ended", by: holder, #""reason":"closed""#)
    }

    /// Trades between two sessions of one server.
    func trade(_ amount: Int64, from: Holder, to: Holder) throws {
        acknowledge(try commit(from) { $0.tradedOut += amount }, by: from)
        acknowledge(try commit(to) { $0.tradedIn += amount }, by: to)
        journalTrade(amount, from: from, to: to)
    }

    func journalTrade(_ amount: Int64, from: Holder, to: Holder) {
        line(
            """
            "kind":"traded","id":"t\(now)","amount":\(amount),"from":"\(from.key)","to":"\(to.key)",\
            "fromVersion":\(from.version),"toVersion":\(to.version),\
            "fromOwner":"\(from.owner)","toOwner":"\(to.owner)"
            """, of: from.process)
    }

    /// Puts an operation on a row's list and writes `delivered`; one of several `days` is a wage.
    func deliver(_ id: String, to key: String, coins: Int64, type: String = "demo.reward", days: Int64? = nil) throws {
        let payload = "{\"coins\":\(coins)\(days.map { ",\"days\":\($0)" } ?? "")}"
        try sql(
            """
            INSERT INTO operation (deployment, collection, key, id, type, payload, state, attempts, delivered_at)
            VALUES (1, 'players', CAST('\(key)' AS BLOB), CAST('\(id)' AS BLOB),
                '\(days == nil ? type : "demo.wage")', CAST('\(payload)' AS BLOB), 'pending', 0, 0)
            """)
        journalDelivery(id, to: key, coins: coins)
    }

    /// Moves an operation on as a store does.
    func settle(_ id: String, _ state: String, steps: Int64? = nil) throws {
        let progress = steps.map { "CAST('{\"operation\":{\"coins\":1,\"days\":1},\"steps\":\($0)}' AS BLOB)" }
        try sql(
            "UPDATE operation SET state = '\(state)', progress = \(progress ?? "NULL") WHERE id = CAST('\(id)' AS BLOB)"
        )
    }

    /// Somebody wants to take an operation back, and is told where it stands.
    func journalCancellation(_ id: String, of key: String, _ outcome: String) {
        line(#""kind":"cancelled","key":"\#(key)","id":"\#(id)","outcome":"\#(outcome)""#, of: "s2")
    }

    func journalRequeue(_ id: String, of key: String, as newID: String) {
        line(#""kind":"requeued","key":"\#(key)","id":"\#(id)","as":"\#(newID)""#, of: "s2")
    }

    func journalDelivery(_ id: String, to key: String, coins: Int64) {
        line(#""kind":"delivered","key":"\#(key)","id":"\#(id)","amount":\#(coins)"#, of: "s1")
    }

    // MARK: - Evidence

    /// Runs SQL behind every build's back; the triggers see it.
    func sql(_ statements: String) throws {
        try database.write { try $0.execute(sql: statements) }
    }

    /// Writes a line with a session's key, fence and owner.
    func journal(_ kind: String, by holder: Holder, _ members: String) {
        line(
            """
            "kind":"\(kind)","key":"\(holder.key)","fence":\(holder.fence),"owner":"\(holder.owner)",\(members)
            """, of: holder.process)
    }

    /// Asks for the verdict.
    func verdict(deployment: String = "test") throws -> Verdict {
        try verdict(on: store, deployment: deployment)
    }

    private static let layout = """
        CREATE TABLE deployment (number INTEGER PRIMARY KEY, name TEXT UNIQUE, id BLOB, lease_millis INTEGER);
        INSERT INTO deployment VALUES (1, 'test', zeroblob(16), \(leaseMillis));
        CREATE TABLE record (
            deployment INTEGER, collection TEXT, key BLOB, version INTEGER, fence INTEGER, owner_nonce BLOB,
            owner_server TEXT, owner_boot BLOB, save_id BLOB, schema INTEGER, payload BLOB, checksum INTEGER,
            document_bytes INTEGER, user_ids TEXT, metadata BLOB, created_at INTEGER, updated_at INTEGER,
            UNIQUE (deployment, collection, key)
        );
        CREATE TABLE part (
            deployment INTEGER, collection TEXT, key BLOB, name BLOB, version INTEGER, checksum INTEGER, payload BLOB,
            UNIQUE (deployment, collection, key, name)
        );
        CREATE TABLE decision (deployment INTEGER, trade BLOB, verdict TEXT, PRIMARY KEY (deployment, trade));
        CREATE TABLE operation (
            sequence INTEGER PRIMARY KEY, deployment INTEGER, collection TEXT, key BLOB, id BLOB, type TEXT,
            payload BLOB, state TEXT, attempts INTEGER, last_error TEXT, delivered_at INTEGER, finished_at INTEGER,
            progress BLOB
        );
        CREATE TABLE space (
            number INTEGER PRIMARY KEY, deployment INTEGER, kind INTEGER, name BLOB, generation BLOB, last INTEGER,
            count INTEGER
        );
        CREATE TABLE log_entry (space INTEGER, sequence INTEGER, id BLOB, value BLOB, PRIMARY KEY (space, sequence));
        CREATE TABLE score (
            space INTEGER, member BLOB, score INTEGER, subscore INTEGER, submissions INTEGER, change INTEGER,
            reached INTEGER, removed INTEGER, PRIMARY KEY (space, member)
        );
        INSERT INTO space VALUES (1, 1, 2, CAST('board:players-best:00:0' AS BLOB), x'00', 0, 0);
        INSERT INTO space VALUES (2, 1, 2, CAST('board:players-sum:00:0' AS BLOB), x'00', 0, 0);
        INSERT INTO space VALUES (4, 1, 2, CAST('board:players-rewards:00:0' AS BLOB), x'00', 0, 0);
        INSERT INTO space VALUES (5, 1, 1, CAST('trade:journal:7' AS BLOB), x'00', 0, 0);
        INSERT INTO space VALUES (3, 1, 1, CAST('announce:players' AS BLOB), x'00', 0, 0);
        """
}
