import Foundation
import HoldfastProfiles
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastSQLite

/// Each heading of the article "Operate": its metric moves, its state shows, and what it says to do mends it.
@Suite("Drills of the article Operate", .serialized, .timeLimit(.minutes(10)))
struct OperateDrillTests {
    private let patience = Duration.seconds(60)

    /// Runs a drill with a fresh fleet and one server, which is stopped at the end however it went.
    private func drill(_ body: (DrillFleet, DrillFleet.Server) async throws -> Void) async throws {
        let fleet = try await DrillFleet.start()
        let server = try await fleet.server("arena-1")
        do {
            try await body(fleet, server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// As much as fits into no page that a file has.
    private func large() -> JSONValue {
        ["text": .string(String((0..<30_000).map { _ in Character(UnicodeScalar(UInt8.random(in: 65...122))) }))]
    }

    private func limitPages(_ store: SQLiteStore, to pages: Int) async throws {
        _ = try await store.transaction(.immediate) { database in
            try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
    }

    @Test("Redis is down")
    func redisIsDown() async throws {
        try await drill { fleet, server in
            let session = try await server.players.open(Key(42), timeout: patience)
            #expect(try await fleet.status().redis)
            fleet.redis.server.kill()
            try await eventually("the server is critical", within: patience) {
                fleet.gauge("holdfast_critical") == 1 && fleet.count("holdfast_beats_missed_total") > 0
            }
            #expect(fleet.count("holdfast_call_failures_total", [("side", "redis")]) > 0)
            try session.edit { $0 = ["coins": 1] }
            // A session that is in doubt saves at once, maybe before it is asked to.
            #expect(try await session.save(timeout: patience).version == 1)
            // Both wait for the Redis that is away.
            async let findings = fleet.findings()
            let status = try await fleet.status()
            #expect(status.exit == 69 && !status.redis && status.store)
            let found = try await findings
            #expect(found == ["redis.reachable"])

            try await fleet.redis.server.restart()
            try await eventually("the session has its lease again", within: patience) {
                fleet.count("holdfast_lease_reclaims_total") > 0 && session.sessionState == .active
                    && fleet.gauge("holdfast_critical") == 0
            }
            try await eventually("status shows it", within: patience) {
                try await fleet.status().servers["arena-1"]?["critical"] as? Bool == false
            }
        }
    }

    @Test("The store is down")
    func storeIsDown() async throws {
        try await drill { fleet, server in
            let session = try await server.players.open(Key(42), timeout: patience)
            try FileManager.default.moveItem(atPath: fleet.storeFolder, toPath: fleet.storeFolder + ".away")
            // A loop of links: nobody can say whether the file is there.
            try FileManager.default.createSymbolicLink(
                atPath: fleet.storeFolder, withDestinationPath: fleet.storeFolder)
            try session.edit { $0 = ["coins": 1] }
            await #expect(throws: ProfileError.self) { try await session.save(timeout: .milliseconds(500)) }
            try await eventually("the server is critical, and what is unsaved grows old", within: patience) {
                fleet.gauge("holdfast_critical") == 1 && fleet.gauge("holdfast_unsaved_age_seconds") ?? 0 > 1
            }
            #expect(fleet.count("holdfast_call_failures_total", [("side", "store")]) > 0)
            async let findings = fleet.findings()
            let status = try await fleet.status()
            #expect(status.exit != 0 && !status.store)
            let found = try await findings
            #expect(found.contains("store.reachable"))

            try FileManager.default.removeItem(atPath: fleet.storeFolder)
            try FileManager.default.moveItem(atPath: fleet.storeFolder + ".away", toPath: fleet.storeFolder)
            #expect(try await session.save(timeout: patience).version == 1)
            try await eventually("the server has recovered", within: patience) { !server.coordinator.isCritical }
            try await eventually("status shows it", within: patience) { try await fleet.status().exit == 0 }
        }
    }

    @Test("The disk is full")
    func diskIsFull() async throws {
        try await drill { fleet, server in
            let session = try await server.players.open(Key(42), timeout: patience)
            // SQLite lifts it to the pages that the file has, and then knows no room but those.
            try await limitPages(server.store, to: 1)
            try session.edit { $0 = large() }
            await #expect(throws: ProfileError.self) { try await session.save(timeout: .milliseconds(500)) }
            try await eventually("the server is critical", within: patience) { server.coordinator.isCritical }
            #expect(fleet.count("holdfast_call_failures_total", [("side", "store"), ("code", "diskFull")]) > 0)
            #expect(server.coordinator.health.lastFailure == "store diskFull")
            try await eventually("status shows it", within: patience) {
                try await fleet.status().servers["arena-1"]?["critical"] as? Bool == true
            }

            try await limitPages(server.store, to: 1_000_000)
            try await eventually("the save is made once there is room", within: patience) { session.version == 1 }
        }
    }

    @Test("Saves are fenced")
    func savesAreFenced() async throws {
        try await drill { fleet, server in
            let session = try await server.players.open(Key(42), timeout: patience)
            try session.edit { $0 = ["coins": 1] }
            // As a server finds it that was frozen past its lease: its record has gone to somebody else.
            let token = "\(session.token)"
            let unlocked = try await fleet.tool.run(
                "profile", "unlock", "players", "42", "--token", token, "--yes", "--json")
            #expect(unlocked.status == 0, "\(unlocked.errors)")
            _ = try? await session.save(timeout: patience)
            try await eventually("the save is refused", within: patience) {
                fleet.count("holdfast_sessions_lost_total", [("reason", "superseded")]) == 1
            }
            let meta = try await fleet.tool.run("profile", "get", "players", "42", "--meta", "--json")
            #expect(meta.status == 66, "never saved: \(meta.output)")
            try await server.players.withSession(for: Key(42), timeout: patience) { next in
                #expect(next.token > session.token)
                try next.edit { $0 = ["coins": 2] }
            }
            let lease = try await fleet.tool.run("profile", "lease", "players", "42", "--json").json()
            #expect(lease["held"] as? Bool == false)
        }
    }

    @Test("Doubtful sessions")
    func doubtfulSessions() async throws {
        try await drill { fleet, server in
            let session = try await server.players.open(Key(42), timeout: patience)
            fleet.redis.server.pause()
            try await eventually("the session is doubtful", within: patience) {
                fleet.gauge("holdfast_sessions", [("state", "doubtful")]) == 1
            }
            // Every change is saved at once, without being asked for.
            try session.edit { $0 = ["coins": 1] }
            try await eventually("the change is saved", within: patience) { session.version == 1 }

            fleet.redis.server.resume()
            try await eventually("the session is active again", within: patience) {
                session.sessionState == .active && fleet.gauge("holdfast_sessions", [("state", "doubtful")]) == 0
            }
            let shown = try await fleet.tool.run("session", "show", "players", "42", "--json").json()
            #expect(shown["state"] as? String == "active")
            // The beat that it is read from may be an earlier one.
            try await eventually("status shows it", within: patience) {
                try await fleet.status().servers["arena-1"]?["doubtful"] as? Int == 0
            }
        }
    }

    @Test("Dead letters")
    func deadLetters() async throws {
        let fleet = try await DrillFleet.start()
        let old = try await fleet.server("arena-1", try DrillReward.options(refuses: true))
        let delivered = try await fleet.tool.run(
            "op", "deliver", "players", "42", "drill.reward", #"{"coins":5}"#, "--id", "match:9", "--json")
        #expect(delivered.status == 0, "\(delivered.errors)")
        try await old.players.withSession(for: Key(42), timeout: patience) { session in
            try await session.save(timeout: patience)
        }
        #expect(fleet.count("holdfast_operation_failures_total") == 1)
        #expect(fleet.count("holdfast_operation_dead_letters_total") == 1)
        await old.stop()
        let dead = try await fleet.tool.run("op", "dead", "--collection", "players", "--json").json()
        let row = try #require((dead["rows"] as? [[String: Any]])?.first)
        #expect(row["id"] as? String == "match:9" && row["lastError"] as? String == "no such reward")
        #expect((row["payload"] as? [String: Any])?["coins"] as? Int == 5)

        // The build that can do it, and then the operation once more.
        let new = try await fleet.server("arena-1", try DrillReward.options(refuses: false))
        let requeued = try await fleet.tool.run("op", "requeue", "match:9", "--as", "match:9:again", "--json")
        #expect(requeued.status == 0, "\(requeued.errors)")
        try await new.players.withSession(for: Key(42), timeout: patience) { session in
            try await eventually("it is applied", within: patience) { session.document["coins"]?.int64 == 5 }
        }
        await new.stop()
        let shown = try await fleet.tool.run("op", "show", "match:9:again", "--json")
        #expect(shown.output.contains(#""state":"applied""#), "\(shown.output)")
    }

    @Test("A hand-over is stuck")
    func handOverIsStuck() async throws {
        try await drill { fleet, holder in
            let session = try await holder.players.open(Key(42), timeout: patience)
            try await limitPages(holder.store, to: 1)
            try session.edit { $0 = large() }
            let next = try await fleet.server("arena-2")
            let opening = Task { try await next.players.open(Key(42), timeout: patience) }
            try await eventually("the holder was asked and cannot", within: patience) {
                fleet.count("holdfast_handovers_asked_total") > 0
                    && fleet.count("holdfast_call_failures_total", [("code", "diskFull")]) > 0
            }
            let listed = try await fleet.tool.run("session", "list", "--server", "arena-1", "--json").json()
            let row = try #require((listed["rows"] as? [[String: Any]])?.first)
            #expect(row["key"] as? String == "42")
            let token = try #require(row["token"] as? Int)

            let unlocked = try await fleet.tool.run(
                "profile", "unlock", "players", "42", "--token", "\(token)", "--yes")
            #expect(unlocked.status == 0, "\(unlocked.errors)")
            let opened = try await opening.value
            #expect(opened.token > Int64(token))
            // What the holder never saved is gone with it.
            #expect(opened.version == 0)
            try await opened.close(timeout: patience)
            await next.stop()
        }
    }

    @Test("Trades are not decided")
    func tradesAreNotDecided() async throws {
        let fleet = try await DrillFleet.start()
        let seller = try await fleet.server("arena-1", try DrillCoins.options())
        let buyer = try await fleet.server("arena-2", try DrillCoins.options())
        let own = try await seller.players.open(Key(1), timeout: patience)
        let far = try await buyer.players.open(Key(2), timeout: patience)
        for session in [own, far] {
            try session.edit { $0 = ["coins": 100] }
            try await session.save(timeout: patience)
        }
        // The buyer's server cannot save: her part would not fit.
        try await limitPages(buyer.store, to: 1)
        try far.edit { $0["text"] = large()["text"] }
        let outcome = try await seller.coordinator.trade(id: "t", timeout: .seconds(3)) { trade in
            for (from, to) in [(1, 2), (2, 1)] {
                try trade.take(
                    DrillCoins(coins: -5), from: Key(from), in: seller.players, refund: DrillCoins(coins: 5))
                try trade.give(DrillCoins(coins: 5), to: Key(to), in: seller.players)
            }
        }
        #expect(outcome != .committed)
        #expect(fleet.count("holdfast_trades_total", [("outcome", "timedOut")]) == 1)
        let leg = try await fleet.tool.run("op", "show", "trade:t:leg", "--json")
        #expect(leg.output.contains(#""state":"cancelled""#), "\(leg.output)")
        let lease = try await fleet.tool.run("profile", "lease", "players", "2", "--json")
        #expect(lease.output.contains("arena-2"), "\(lease.output)")
        try await eventually("what was set aside comes back", within: patience) {
            own.document["coins"]?.int64 == 100
        }

        try await limitPages(buyer.store, to: 1_000_000)
        try await far.save(timeout: patience)
        #expect(far.document["coins"]?.int64 == 100)
        await buyer.stop()
        await seller.stop()
    }

    @Test("A duty of the fleet fails")
    func dutyFails() async throws {
        let fleet = try await DrillFleet.start()
        let duty = DrillDuty()
        let server = try await fleet.server("arena-1") { coordinator in
            try coordinator.addDuty(name: "drill", every: .milliseconds(50)) { try duty.turn() }
        }
        let failed = [("duty", "drill"), ("outcome", "failed")]
        try await eventually("turns fail", within: patience) {
            fleet.count("holdfast_duty_turns_total", failed) > 1
        }
        let lease = try await fleet.tool.run("profile", "lease", "holdfast.duty", "drill", "--json")
        #expect(lease.output.contains("arena-1"), "\(lease.output)")

        duty.mend()
        try await eventually("the next turn takes up the work", within: patience) {
            fleet.count("holdfast_duty_turns_total", [("duty", "drill"), ("outcome", "done")]) > 0
        }
        await server.stop()
    }
}
