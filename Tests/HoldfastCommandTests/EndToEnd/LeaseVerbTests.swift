import Foundation
import HoldfastProfiles
import HoldfastSQLite
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCommand

/// Verbs beside a live server that holds a profile.
@Suite struct LeaseVerbTests {
    @Test("a held profile is not written, its holder is named, and its session stays")
    func held() async throws {
        try await withServer { tool, coordinator in
            let session = try await coordinator.documents("players").open(try Key("42"))
            try session.edit { $0 = ["coins": 1] }
            for verb in [["profile", "put", "players", "42", "-"], ["profile", "delete", "players", "42", "--yes"]] {
                if verb[1] == "delete" { try await session.save() }
                let run = try await tool.run(verb + ["--json"], input: #"{"coins":9}"#)
                #expect(run.status == 75, "\(run.errors)")
                #expect(try run.errorCode() == "held")
                // It was not even asked for it.
                #expect(run.errors.contains("held by server lobby-1;"), "\(run.errors)")
            }
            let imported = try await tool.run(
                "profile", "import", "players", "-", "--json",
                input: "{\"key\":\"41\",\"data\":{}}\n{\"key\":\"42\",\"data\":{}}\n")
            #expect(imported.status == 65)
            #expect(try imported.json()["imported"] as? Int == 1)
            #expect(imported.lines.first?.contains(#""code":"held""#) == true)
            #expect(!session.isEnded)
            try await session.close()
            #expect(try await tool.run("profile", "get", "players", "42").output == "{\"coins\":1}\n")
            #expect(try await tool.run("profile", "put", "players", "42", "-", input: "{}").status == 0)
        }
    }

    @Test("a lease is shown and listed, and unlock frees exactly that one")
    func unlock() async throws {
        try await withServer { tool, coordinator in
            let free = try await tool.run("profile", "lease", "players", "{4:2*}", "--json").json()
            #expect(free["held"] as? Bool == false)
            let session = try await coordinator.documents("players").open(try Key("{4:2*}"))
            let lease = try await tool.run("profile", "lease", "players", "{4:2*}", "--json").json()
            #expect(lease["held"] as? Bool == true)
            #expect(lease["server"] as? String == "lobby-1")
            let token = try #require(lease["token"] as? Int)
            #expect(Int64(token) == session.token)

            let sessions = try await tool.run("session", "list", "--server", "lobby-1", "--json").json()
            let rows = try #require(sessions["rows"] as? [[String: Any]])
            #expect(rows.map { $0["key"] as? String } == ["{4:2*}"])
            #expect(rows.first?["token"] as? Int == token)
            let others = try await tool.run("session", "list", "--server", "lobby-2", "--json").json()
            #expect((others["rows"] as? [Any])?.isEmpty == true)

            func unlock(_ token: Int, _ flags: String...) async throws -> Tool.Outcome {
                try await tool.run(["profile", "unlock", "players", "{4:2*}", "--token", "\(token)", "--json"] + flags)
            }
            #expect(try await unlock(token + 1, "--yes").status == 75)
            #expect(try await unlock(token).status == 64)
            #expect(try await unlock(token, "--dry-run").status == 0)
            #expect(!session.isEnded)
            #expect(try await unlock(token, "--yes").status == 0)
            #expect(try await unlock(token, "--yes").status == 66)

            try? session.edit { $0 = ["late": true] }
            await #expect(throws: ProfileError.self) { try await session.save() }
            #expect(try await tool.run("profile", "put", "players", "{4:2*}", "-", input: "{}").status == 0)
        }
    }

    @Test("unlock of an old lease leaves the session alone that has taken the record since")
    func unlockOfAnOldLease() async throws {
        try await withServer { tool, coordinator in
            let session = try await coordinator.documents("players").open(try Key("42"))
            // As after a Redis that went back: the lease is the old one, the store knows a newer session.
            let address = try #require(tool.environment["HOLDFAST_STORE"])
            let store = try SQLiteStore(path: String(address.dropFirst("sqlite:".count)), deployment: "holdfast")
            let newer = Owner(nonce: .random(), server: "lobby-2", boot: .random())
            let seal = SealRequest(id: session.id, token: session.token + 1, owner: newer)
            #expect(try await store.execute([.seal(seal)]).count == 1)

            let run = try await tool.run(
                "profile", "unlock", "players", "42", "--token", "\(session.token)", "--yes", "--json")
            #expect(run.status == 0, "\(run.errors)")
            let row = try await store.read(session.id)
            #expect(row?.owner == newer && row?.fence == session.token + 1)
            await store.close()
        }
    }

    @Test("a live session is shown, saved and released by its server, and dropping its collection leaves it alone")
    func session() async throws {
        try await withServer { tool, coordinator in
            let profiles = try coordinator.documents("players")
            for key in ["41", "43"] { try await profiles.update(try Key(key)) { $0 = ["coins": 2] } }
            let missing = try await tool.run("session", "show", "players", "42", "--json")
            #expect(missing.status == 66)
            #expect(try missing.errorCode() == "notFound")
            let session = try await profiles.open(try Key("42"))
            try session.edit { $0 = ["coins": 1] }
            let shown = try await tool.run("session", "show", "players", "42", "--json").json()
            #expect(shown["server"] as? String == "lobby-1" && shown["state"] as? String == "active")
            #expect(shown["version"] as? Int == 0)
            let saved = try await tool.run("session", "save", "players", "42", "--json")
            #expect(saved.status == 0, "\(saved.errors)")
            #expect(try saved.json()["version"] as? Int == 1)
            #expect(try await tool.run("profile", "get", "players", "42").output == "{\"coins\":1}\n")

            let dry = try await tool.run("collection", "drop", "players", "--dry-run", "--json").json()
            #expect(dry["records"] as? Int == 3 && dry["deleted"] as? Int == 0)
            #expect(try await tool.run("collection", "drop", "players").status == 64)
            let drop = try await tool.run("collection", "drop", "players", "--yes", "--json")
            #expect(drop.status == 75, "\(drop.errors)")
            #expect(try drop.json()["deleted"] as? Int == 2)
            #expect(try drop.json()["held"] as? [String] == ["42"])
            #expect(!session.isEnded)

            let released = try await tool.run("session", "release", "players", "42", "--json")
            #expect(released.status == 0, "\(released.errors)")
            #expect(await session.waitUntilEnded() == .released)
            #expect(try await tool.run("collection", "drop", "players", "--yes").status == 0)
            #expect(try await tool.run("collection", "drop", "players", "--yes").status == 66)
        }
    }

    @Test("a server is listed with its beat, and drains when asked")
    func drain() async throws {
        try await withServer { tool, coordinator in
            try coordinator.setStatus(#"{"map":"arena"}"#)
            try await eventually("the status goes out with a beat") {
                let status = try await tool.run("status", "--json").json()
                let servers = status["servers"] as? [[String: Any]]
                let server = servers?.first { $0["id"] as? String == "lobby-1" }
                return (server?["status"] as? [String: Any])?["map"] as? String == "arena"
            }
            #expect(try await tool.run("server", "drain", "nobody", "--json").status == 66)
            let run = try await tool.run("server", "drain", "lobby-1", "--wait", "1m", "--json")
            #expect(run.status == 0, "\(run.errors)")
            #expect(try run.json()["ended"] as? Bool == true)
            #expect(coordinator.isDraining)
        }
    }

    @Test("doctor finds what is wrong with a Redis and names the fix")
    func doctor() async throws {
        try await withServer { tool, _ in
            let run = try await tool.run("doctor", "--json")
            #expect(run.status == 1)
            let checks = try #require(try run.json()["checks"] as? [[String: Any]])
            let bad = checks.filter { $0["ok"] as? Bool == false }
            // A cluster of one node has nobody to elect either.
            let cluster = PrivateRedis.Options().clusterMode ? ["redis.replicas", "redis.masters"] : []
            #expect(bad.compactMap { $0["name"] as? String } == ["redis.persistence"] + cluster)
            #expect(bad.allSatisfy { ($0["fix"] as? String)?.isEmpty == false })
        }
    }
}
