import HoldfastCoordination
import HoldfastStorage
import TestServers
import Testing

@Suite("Server registry")
struct ServerTests {
    @Test("a beat returns the one that it replaces", arguments: BackendKind.allCases)
    func replaced(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let boot = RandomID.random()
            let first = try await backend.beat(ServerBeat(server: "s", boot: boot, number: 1), timeToLive: .seconds(30))
            #expect(first.previousNumber == nil && first.previousBoot == nil)
            #expect(!first.run.isEmpty)
            let next = try await backend.beat(ServerBeat(server: "s", boot: boot, number: 2), timeToLive: .seconds(30))
            let expected = BeatReply(previousNumber: 1, previousBoot: boot, drainRequested: false, run: first.run)
            #expect(next == expected)
        }
    }

    @Test("a beat is read back as it was written", arguments: BackendKind.allCases)
    func roundTrip(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            var beat = ServerBeat(
                server: "öst {1}:*", boot: .random(), number: 12, sessions: 34, doubtful: 5,
                unsavedAge: .milliseconds(6_789), leaseMargin: .milliseconds(21_000), draining: true,
                status: #"{"map":"Höhle 🙂"}"#
            )
            beat.critical = true
            _ = try await backend.beat(beat, timeToLive: .seconds(30))
            var found = try #require(try await backend.server(beat.server))
            #expect(found.age >= .zero && found.age < .seconds(20))
            found.age = .zero
            #expect(found == beat)
            beat.number = 13
            beat.leaseMargin = nil
            beat.draining = false
            beat.critical = false
            _ = try await backend.beat(beat, timeToLive: .seconds(30))
            found = try #require(try await backend.servers().first)
            found.age = .zero
            #expect(found == beat)
        }
    }

    @Test("a margin that has run out is shown as zero", arguments: BackendKind.allCases)
    func negativeMargin(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let beat = ServerBeat(server: "s", boot: .random(), number: 1, leaseMargin: .seconds(-3))
            _ = try await backend.beat(beat, timeToLive: .seconds(30))
            #expect(try await backend.server("s")?.leaseMargin == .zero)
        }
    }

    @Test("a late beat of the same boot does not replace a newer one", arguments: BackendKind.allCases)
    func lateBeat(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let boot = RandomID.random()
            _ = try await backend.beat(ServerBeat(server: "s", boot: boot, number: 7), timeToLive: .seconds(30))
            let late = try await backend.beat(ServerBeat(server: "s", boot: boot, number: 6), timeToLive: .seconds(30))
            #expect(late.previousNumber == 7)
            #expect(try await backend.server("s")?.number == 7)
        }
    }

    @Test("a server that stops beating disappears", arguments: BackendKind.allCases)
    func expiry(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let beat = ServerBeat(server: "gone", boot: .random(), number: 3)
            _ = try await backend.beat(beat, timeToLive: .milliseconds(60))
            _ = try await backend.beat(ServerBeat(server: "here", boot: .random(), number: 1), timeToLive: .seconds(30))
            try await eventually("the beat ends") { try await backend.server("gone") == nil }
            #expect(try await backend.servers().map(\.server) == ["here"])
            let again = try await backend.beat(beat, timeToLive: .seconds(30))
            #expect(again.previousNumber == nil)
        }
    }

    @Test("only the boot that beats withdraws the beat", arguments: BackendKind.allCases)
    func withdraw(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let boot = RandomID.random()
            _ = try await backend.beat(ServerBeat(server: "s", boot: boot, number: 1), timeToLive: .seconds(30))
            try await backend.withdraw(server: "s", boot: .random())
            #expect(try await backend.server("s") != nil)
            try await backend.withdraw(server: "s", boot: boot)
            #expect(try await backend.server("s") == nil)
            #expect(try await backend.servers() == [])
        }
    }

    @Test("a request to drain stays with the boot that it was made to", arguments: BackendKind.allCases)
    func drain(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            #expect(try await backend.requestDrain(server: "s") == false)
            let (old, new) = (RandomID.random(), RandomID.random())
            func beat(_ boot: RandomID, _ number: Int64) async throws -> BeatReply {
                try await backend.beat(ServerBeat(server: "s", boot: boot, number: number), timeToLive: .seconds(30))
            }
            #expect(try await beat(old, 1).drainRequested == false)
            #expect(try await backend.requestDrain(server: "s"))
            #expect(try await beat(old, 2).drainRequested)
            #expect(try await beat(old, 3).drainRequested)
            let restarted = try await beat(new, 1)
            #expect(restarted.drainRequested == false)
            #expect(restarted.previousBoot == old && restarted.previousNumber == 3)
            #expect(try await beat(new, 2).drainRequested == false)
        }
    }

    @Test("many servers are listed in the order of their bytes", arguments: BackendKind.allCases)
    func order(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let composed = "caf\u{E9}"
            let decomposed = "cafe\u{301}"
            var names = (0..<230).map { "server \($0)" } + [composed, decomposed, "Z", "a", "*", "}", "{", ":"]
            for name in names {
                _ = try await backend.beat(
                    ServerBeat(server: name, boot: .random(), number: 1), timeToLive: .seconds(60))
            }
            names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let listed = try await backend.servers().map(\.server)
            #expect(listed.map { Array($0.utf8) } == names.map { Array($0.utf8) })
            #expect(try await backend.server(decomposed).map { Array($0.server.utf8) } == Array(decomposed.utf8))
        }
    }

    @Test("a beat outside the limits is refused", arguments: BackendKind.allCases)
    func badInput(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let bad = [
                ServerBeat(server: "", boot: .random(), number: 1),
                ServerBeat(server: "s", boot: .random(), number: -1),
                ServerBeat(server: "s", boot: .random(), number: 1, sessions: -1),
                ServerBeat(server: "s", boot: .random(), number: 1, status: String(repeating: "x", count: 8_193)),
            ]
            for beat in bad {
                #expect(await code { _ = try await backend.beat(beat, timeToLive: .seconds(3)) } == .badInput)
            }
            let beat = ServerBeat(server: "s", boot: .random(), number: 1)
            #expect(await code { _ = try await backend.beat(beat, timeToLive: .zero) } == .badInput)
            let servers = try await backend.servers()
            #expect(servers == [])
        }
    }
}
