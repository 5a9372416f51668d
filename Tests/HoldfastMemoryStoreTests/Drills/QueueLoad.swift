import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// Items that one server adds and another one reads and removes.
final class QueueLoad: DrillLoad {
    private struct State {
        var acknowledged: Set<String> = []
        /// The ids that each value was delivered under.
        var delivered: [String: Set<RandomID>] = [:]
        var removed: Set<RandomID> = []
        /// Deliveries after an acknowledged removal.
        var returns = 0
    }

    let name: String
    private let isDurable: Bool
    private let queues: [Queue<String>]
    private let state = Mutex(State())

    /// Opens the queue `name` on every server.
    init(_ name: String, durable: Bool, _ fleet: [MemoryStore]) throws {
        self.name = "\(durable ? "durable" : "fast") queue \(name)"
        isDurable = durable
        queues = try fleet.map { try $0.queue(name, of: String.self, options: QueueOptions(maximumAttempts: nil)) }
    }

    func step(task: Int, number: Int) async throws -> Bool {
        let (value, id) = ("\(task)-\(number)", RandomID.random())
        let queue = queues[task % queues.count]
        _ = try await Drill.settle {
            try await queue.add(value, expiresAfter: .seconds(600), durable: isDurable, id: id)
        }
        state.withLock { _ = $0.acknowledged.insert(value) }
        return await arrives { isDelivered(value) }
    }

    func attend() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for queue in queues {
                group.addTask {
                    while !Task.isCancelled { await self.read(queue) }
                }
            }
            try await group.waitForAll()
        }
    }

    private func read(_ queue: Queue<String>) async {
        guard let batch = try? await queue.read(10, waitingUpTo: .seconds(2), invisibleFor: .seconds(3)) else {
            return await Task.yield()
        }
        state.withLock { state in
            for item in batch.items {
                state.delivered[item.value, default: []].insert(item.id)
                if state.removed.contains(item.id) { state.returns += 1 }
            }
        }
        guard (try? await Drill.settle { try await queue.remove(batch.id) }) == true else { return }
        state.withLock { $0.removed.formUnion(batch.items.map(\.id)) }
    }

    func verify(mayLose: Bool) async throws {
        if isDurable || !mayLose {
            try await eventually("\(name): everything is delivered") { missing.isEmpty }
        }
        let state = state.withLock { $0 }
        #expect(state.delivered.values.allSatisfy { $0.count == 1 }, "\(name): an item was added twice")
        #expect(mayLose || state.returns == 0, "\(name): an item came back after its removal")
    }

    private func isDelivered(_ value: String) -> Bool { state.withLock { $0.delivered[value] != nil } }
    private var missing: Set<String> { state.withLock { $0.acknowledged.subtracting($0.delivered.keys) } }
}
