import HoldfastProfiles
import HoldfastStorage
import HoldfastTesting
import Logging
import Testing

private struct Notes: Codable, Sendable {
    var text = ""
    var weight = 1.0
}

@Suite("What the log has of sessions", .timeLimit(.minutes(2)))
struct SessionLogTests {
    @Test("loads and saves with version and size, a save that cannot be made with its error, no word of the document")
    func lines() async throws {
        let lines = LogLines()
        let fleet = try await TestFleet()
        try await fleet.withServer(logger: lines.logger()) { server in
            let notes = try server.coordinator.collection("notes", of: Notes.self, options: .init { _ in Notes() })
            let session = try await notes.open(Key(42), timeout: .seconds(30))
            try session.edit { $0.text = "secret" }
            try await session.save(timeout: .seconds(30))
            try session.edit { $0.weight = .nan }
            await #expect {
                try await session.save(timeout: .seconds(30))
            } throws: { ($0 as? ProfileError)?.code == .badInput }
            try session.edit { $0.weight = 2 }
            try await session.close(timeout: .seconds(30))
        }
        let told = lines.all.filter { $0.value("holdfast.record") == "notes/42" }
        let loaded = try #require(told.first { $0.message == "loaded" })
        #expect(loaded.level == .debug && loaded.value("holdfast.new") == "true")
        let saved = told.filter { $0.message == "saved" }
        #expect(saved.compactMap { $0.value("holdfast.version") } == ["1", "2"])
        #expect(saved.allSatisfy { $0.level == .debug && Int($0.value("holdfast.bytes") ?? "") ?? 0 > 10 })
        let failed = try #require(told.first { $0.message == "a save failed" })
        #expect(failed.level == .error && failed.value("holdfast.error")?.contains("badInput") == true)
        #expect(lines.all.allSatisfy { !"\($0)".contains("secret") })
    }
}
