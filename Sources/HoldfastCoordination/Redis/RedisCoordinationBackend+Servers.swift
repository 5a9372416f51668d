import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

extension RedisCoordinationBackend {
    /// Writes this server's beat and returns what it replaced.
    public func beat(_ beat: ServerBeat, timeToLive: Duration) async throws(CoordinationError) -> BeatReply {
        let beat = try BackendLimits.normalized(beat)
        let millis = try BackendLimits.millis(timeToLive, "beat's life")
        let reply = try await call(
            .Server.beat, keys: [keys.beat(beat.server), keys.serverIndex],
            [
                .string(beat.server), .bytes(beat.boot.bytes), .integer(beat.number), .integer(millis),
                .integer(Int64(beat.sessions)), .integer(Int64(beat.doubtful)),
                .integer(beat.unsavedAge.wholeMillis), .string(beat.leaseMargin.map { "\($0.wholeMillis)" } ?? ""),
                .integer(beat.draining ? 1 : 0), .string(beat.status), .integer(beat.critical ? 1 : 0),
            ]
        )
        let previousBoot = try reply.bytes(2)
        return BeatReply(
            previousNumber: try reply.optionalNumber(1),
            previousBoot: previousBoot.isEmpty ? nil : try reply.id(2),
            drainRequested: try reply.number(3) == 1, run: try reply.text(4)
        )
    }

    /// Removes this server's beat if it is still this boot's.
    public func withdraw(server: String, boot: RandomID) async throws(CoordinationError) {
        try BackendLimits.check(server: server)
        _ = try await call(
            .Server.withdraw, keys: [keys.beat(server), keys.serverIndex], [.string(server), .bytes(boot.bytes)]
        )
    }

    /// Lists the servers that beat, in the order of their ids' bytes.
    public func servers() async throws(CoordinationError) -> [ServerBeat] {
        let index = try await command(["ZRANGE", .bytes(keys.serverIndex), "0", "-1"], lane: .bulk)
        guard case .array(let members) = index else {
            throw CoordinationError(.internalError, "ZRANGE answered in an unknown form")
        }
        var names: [String] = []
        for case .bytes(let bytes) in members {
            if let name = String(validating: bytes, as: UTF8.self) { names.append(name) }
        }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var beats: [ServerBeat] = []
        for start in stride(from: 0, to: names.count, by: 100) {
            beats += try await read(names[start..<min(start + 100, names.count)])
        }
        return beats
    }

    /// Reads the beat of one server; nil when absent.
    public func server(_ id: String) async throws(CoordinationError) -> ServerBeat? {
        try BackendLimits.check(server: id)
        return try await read([id]).first
    }

    private func read(_ servers: ArraySlice<String>) async throws(CoordinationError) -> [ServerBeat] {
        let reply = try await call(.Server.list, keys: servers.map { keys.beat($0) }, lane: .bulk)
        var beats: [ServerBeat] = []
        for value in reply.fields {
            let row = try ScriptReply(.Server.list, code: reply.code, row: value)
            var beat = ServerBeat(
                server: try row.text(1), boot: try row.id(2), number: try row.number(3),
                sessions: Int(try row.number(4)), doubtful: Int(try row.number(5)),
                unsavedAge: .milliseconds(try row.number(6)),
                leaseMargin: try row.optionalNumber(7).map { .milliseconds($0) },
                draining: try row.number(8) == 1, status: try row.text(9),
                age: .milliseconds(try row.number(10)))
            beat.critical = try row.number(11) == 1
            beats.append(beat)
        }
        return beats
    }

    /// Asks a server to drain, which its next beat tells it; false when it does not beat.
    public func requestDrain(server: String) async throws(CoordinationError) -> Bool {
        try BackendLimits.check(server: server)
        return try await call(.Server.requestDrain, keys: [keys.beat(server)]).code == "ASKED"
    }
}
