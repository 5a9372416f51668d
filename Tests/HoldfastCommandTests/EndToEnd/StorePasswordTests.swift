import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite("A PostgreSQL that demands a password") struct StorePasswordTests {
    @Test("access is refused without it or with a wrong one, and granted from environment or file; it is never shown")
    func password() async throws {
        let postgres = try await SharedPostgres.server()
        let database = "p\(UInt64.random(in: 0...UInt64.max))"
        try postgres.query("CREATE DATABASE \(database) OWNER guarded")
        let redis = try await PrivateRedis.start()
        let folder = try TemporaryFolder()
        func tool(_ variables: [String: String]) throws -> Tool {
            let settings = [
                "HOLDFAST_REDIS": "redis+unix://\(redis.socketPath)",
                "HOLDFAST_STORE": postgres.url(user: "guarded", database: database),
            ]
            return try Tool(environment: settings.merging(variables) { $1 }, folder: folder)
        }
        for variables in [[:], ["HOLDFAST_STORE_PASSWORD": "wrong-one"]] {
            let refused = try await tool(variables).run("migrate", "--json")
            #expect(refused.status == 77, "\(refused.errors)")
            #expect(try refused.errorCode() == "denied")
            #expect(!refused.errors.contains("wrong-one") && refused.errors.split(separator: "\n").count == 1)
        }
        let known = try tool(["HOLDFAST_STORE_PASSWORD": "secret"])
        let migrated = try await known.run("migrate", "--json")
        #expect(migrated.status == 0, "\(migrated.errors)")
        try Data("secret\n".utf8).write(to: URL(fileURLWithPath: folder.file("password")))
        let fromFile = try tool(["HOLDFAST_STORE_PASSWORD_FILE": folder.file("password")])
        let put = try await fromFile.run("profile", "put", "players", "ann", "-", input: #"{"coins":1}"#)
        #expect(put.status == 0, "\(put.errors)")
        #expect(try await known.run("profile", "get", "players", "ann", "--json").json()["coins"] as? Int == 1)
        let shown = try await known.run("config", "show", "--json")
        #expect(shown.status == 0 && !shown.output.contains("secret") && shown.output.contains("storePassword"))
        let doctor = try await known.run("doctor", "--json")
        #expect(!doctor.output.contains("secret"), "\(doctor.output)")
    }
}
