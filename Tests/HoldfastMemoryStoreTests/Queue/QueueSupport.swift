import HoldfastStorage
import TestServers

@testable import HoldfastMemoryStore

extension Queue {
    /// The ids of the next items, as a read would take them.
    func order(_ count: Int = 100) async throws -> [Value] { try await peek(count).map(\.value) }

    /// Reads and removes until there is nothing left.
    func drain() async throws -> [Value] {
        var values: [Value] = []
        while let batch = try await read(100) {
            values += batch.values
            try await remove(batch.id)
        }
        return values
    }
}

/// A queue of a name of its own that goes by a clock of the test.
func timedQueue(
    _ memory: MemoryStore, _ clock: TestClock, options: QueueOptions = QueueOptions(), limits: QueueLimits? = nil
) throws -> Queue<Int> {
    try memory.at(clock).queue(
        "q\(RandomID.random())", of: Int.self, options: options, limits: limits ?? QueueLimits())
}
