import HoldfastRedis
import HoldfastScripts
import HoldfastStorage
import Synchronization
import TestServers

@testable import HoldfastMemoryStore

extension MemoryStore {
    /// The four keys of a sorted map, as `redis-cli` takes them.
    func mapKeys(_ name: String) -> [String] {
        let keys = context.keys.keys("sorted-map", name)
        return ["items", "order", "ends", "meta"].map { String(decoding: keys[$0], as: UTF8.self) }
    }

    func itemsKey(_ name: String) -> String { mapKeys(name)[0] }
}

extension PrivateRedis {
    /// Writes an item behind the backs of all clients, without waiting.
    func write(_ value: String, to key: String, of keys: [String]) throws {
        let arguments = [
            key, value, "\u{3}", "60000", String((value + "--------").prefix(8)), "ANY", "", "10", "10000",
        ]
        try run(["EVAL", Script.Map.put.source, "\(keys.count)"] + keys + arguments)
    }
}

/// Counts from any task.
final class Counter: Sendable {
    private let value = Atomic(0)

    var count: Int { value.load(ordering: .sequentiallyConsistent) }

    /// The number after it.
    @discardableResult
    func add(_ number: Int = 1) -> Int { value.add(number, ordering: .sequentiallyConsistent).newValue }
}

/// Runs a memory store that reaches Redis through a relay.
func withRelay(_ body: @escaping @Sendable (MemoryStore, LossyRelay) async throws -> Void) async throws {
    let server = try await RedisKind.standalone.server()
    let relay = try LossyRelay(to: server.socketPath)
    defer { relay.stop() }
    var configuration = server.configuration()
    configuration.topology = .standalone(.unix(path: relay.socketPath))
    try await withMemoryStore(configuration, deployment: RandomID.random().description) { memory in
        try await body(memory, relay)
    }
}

/// Runs `body` with a way to send one write of item `k` as often as it likes, under a nonce made of its value.
func withTable(
    _ body:
        @escaping @Sendable (
            _ put: @Sendable (_ value: String, _ over: MapTable.Reading?, _ again: Int64?) async throws -> String,
            MapTable, SortedMap<String>
        ) async throws -> Void
) async throws {
    try await withMemoryStore { memory, _ in
        let keys = memory.context.keys.keys("sorted-map", "m")
        let table = MapTable(memory.context, keys, limits: MapLimits())
        @Sendable func put(_ value: String, _ over: MapTable.Reading?, _ again: Int64?) async throws -> String {
            let reply = try ScriptReply(
                .Map.put,
                try await memory.context.evaluate(
                    .Map.put, keys: memory.mapKeys("m").map { Array($0.utf8) },
                    [
                        "k", .string("\"\(value)\""), .bytes(MapPosition.none), 60_000,
                        .string(String((value + "--------").prefix(8))),
                        over.map { .bytes($0.item?.version ?? []) } ?? "ANY", again.map { .integer($0) } ?? "", 10,
                        10_000,
                    ]))
            return reply.count > 0 ? "\(reply.code) \(try reply.number(1))" : reply.code
        }
        try await body(put, table, try memory.sortedMap("m", of: String.self))
    }
}
