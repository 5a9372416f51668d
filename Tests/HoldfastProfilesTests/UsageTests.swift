import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Usage against the limits", .timeLimit(.minutes(2)))
struct UsageTests {
    @Test("a profile is measured against each limit, and what has reached four fifths of one is warned of")
    func record() async throws {
        let fleet = try await Fleet()
        let server = try await fleet.server("a") { $0.autosave = .seconds(600) }
        #expect(try await server.players.usage(of: Key(1)) == nil)
        try await server.players.withSession(for: Key(1)) { session in
            try session.setUserIDs(["ann", String(repeating: "b", count: 800)])
            try session.edit { $0.inventory = [String(repeating: "x", count: 100)] }
            let usage = try session.usage()
            #expect(usage[.documentBytes].used > 100 && usage[.userIdBytes].isWarning && usage[.parts].limit == nil)
            #expect(session.version == 0)
            try session.edit { $0.inventory = [String(repeating: "x", count: 5_000_000)] }
            #expect { try session.usage() } throws: { ($0 as? ProfileError)?.code == .badInput }
            try session.edit { $0.inventory = [String(repeating: "x", count: 100)] }
        }
        let usage = try #require(await server.players.usage(of: Key(1)))
        #expect(usage.measures.map(\.subject) == UsageMeasure.Subject.allCases)
        #expect(usage[.userIds].used == 2 && usage[.userIds].limit == 1_000 && !usage[.userIds].isWarning)
        #expect(usage[.userIdBytes].used == 800 && usage[.userIdBytes].isWarning && usage.isWarning)
        #expect(usage[.documentBytes].used > 100 && usage[.documentBytes].limit == 4_194_304)
        #expect(usage[.storedBytes].limit == nil && usage[.storedBytes].share == nil)
        let whole = try await server.players.usage()
        #expect(whole.totals.records == 1 && whole.largest.map(\.key) == [Key(1)])
        #expect(whole.totals.largestDocumentBytes == usage[.documentBytes].used)
        try await server.drain()
    }
}
