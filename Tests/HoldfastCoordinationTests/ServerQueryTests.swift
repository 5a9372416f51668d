import HoldfastCoordination
import HoldfastStorage
import Testing

@Suite struct ServerQueryTests {
    private let beats = [
        beat("b", ServerStatus(players: 10, capacity: 16, map: "arena", mode: "ranked", custom: ["region": "eu"])),
        beat("a", ServerStatus(players: 2, capacity: 16, map: "arena", mode: "casual")),
        beat("full", ServerStatus(players: 8, capacity: 8, map: "arena", mode: "ranked")),
        beat("over", ServerStatus(players: 9, capacity: 8, mode: "ranked", custom: ["tags": ["x", "y"], "level": 3])),
        beat("draining", ServerStatus(players: 0, capacity: 16, mode: "ranked"), draining: true),
        beat("silent", ServerStatus()),
        ServerBeat(server: "foreign", boot: .random(), number: 1, status: #"{"players":"many","map":["arena"]}"#),
        ServerBeat(server: "broken", boot: .random(), number: 1, status: "not JSON"),
    ]

    @Test("without conditions all servers but the draining ones are listed, by id")
    func all() {
        #expect(ids(ServerQuery()) == ["a", "b", "broken", "foreign", "full", "over", "silent"])
        #expect(ids(ServerQuery(includesDraining: true)).contains("draining"))
    }

    @Test("room leaves out who is full, and who does not say")
    func room() {
        #expect(ids(ServerQuery(room: 1)) == ["a", "b"])
        #expect(ids(ServerQuery(room: 7)) == ["a"])
        #expect(ids(ServerQuery(room: 15)) == [])
        #expect(ids(ServerQuery(room: 7, includesDraining: true)) == ["a", "draining"])
    }

    @Test(
        "a condition compares the value at a place of the status",
        arguments: [
            ("mode", "ranked", ["b", "full", "over"]), ("map", "arena", ["a", "b", "full"]),
            ("custom.region", "eu", ["b"]), ("custom.tags.1", "y", ["over"]), ("custom.level", 3.0, ["over"]),
            ("custom.level", "3", []), ("players", 8, ["full"]), ("map", ["arena"], ["foreign"]),
            ("nothing", .null, []),
            ("", "x", []), ("custom.tags.7", "y", []), ("custom.tags.-1", "y", []),
        ] as [(String, JSONValue, [String])])
    func conditions(path: String, value: JSONValue, wanted: [String]) {
        #expect(ids(ServerQuery(conditions: [.init(path, equals: value)])) == wanted)
    }

    @Test("all conditions must hold")
    func conjunction() {
        let query = ServerQuery(
            room: 1, conditions: [.init("mode", equals: "ranked"), .init(path: ["custom", "region"], equals: "eu")])
        #expect(ids(query) == ["b"])
    }

    @Test("servers are ordered by room or players, who does not say comes last, and the list is cut")
    func order() {
        #expect(ids(ServerQuery(order: .leastRoom)) == ["full", "over", "b", "a", "broken", "foreign", "silent"])
        #expect(ids(ServerQuery(order: .mostRoom)) == ["a", "b", "full", "over", "broken", "foreign", "silent"])
        #expect(ids(ServerQuery(order: .mostPlayers)) == ["b", "over", "full", "a", "broken", "foreign", "silent"])
        #expect(ids(ServerQuery(room: 1, order: .mostRoom, limit: 1)) == ["a"])
        #expect(ids(ServerQuery(limit: 0)) == [])
    }

    @Test("a status is read back as it was written, and nonsense does not trap")
    func roundTrip() throws {
        let status = ServerStatus(players: 3, capacity: 4, map: "Höhle", mode: "x", custom: ["a": [1, .null]])
        let json = String(decoding: try CanonicalJSON.write(status.document), as: UTF8.self)
        #expect(json == #"{"capacity":4,"custom":{"a":[1,null]},"map":"Höhle","mode":"x","players":3}"#)
        #expect(ServerStatus(document: status.document) == status)
        #expect(ServerStatus(players: .min, capacity: .max).room == 0)
        #expect(ServerStatus(document: 5) == ServerStatus())
        let odd = ServerStatus(document: ["players": -9_223_372_036_854_775_808, "capacity": 1e300])
        #expect(odd.room == nil)
        let beats = [Self.beat("x", odd), Self.beat("y", ServerStatus(players: .min, capacity: .min))]
        #expect(ServerQuery(order: .mostPlayers).apply(to: beats).count == 2)
    }

    private func ids(_ query: ServerQuery) -> [String] { query.apply(to: beats).map(\.id) }

    private static func beat(_ id: String, _ status: ServerStatus, draining: Bool = false) -> ServerBeat {
        let json = (try? CanonicalJSON.write(status.document)) ?? []
        return ServerBeat(
            server: id, boot: .random(), number: 1, draining: draining, status: String(decoding: json, as: UTF8.self))
    }
}
