import HoldfastStorage
import Testing

@testable import HoldfastMemoryStore

/// What a request meets that is sent again because its reply was lost.
@Suite struct QueueRepetitionTests {
    private static let long = Duration.seconds(600)

    @Test("an addition that is repeated under its id adds once, wherever its items are by then")
    func addition() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock, options: QueueOptions(maximumAttempts: 1))
            let ids = (0..<4).map { _ in RandomID.random() }
            func add() async throws {
                try await queue.add(contentsOf: [0, 1, 2, 3], expiresAfter: Self.long, ids: ids)
            }
            try await add()
            try await add()
            try await expect(queue.order(), is: [0, 1, 2, 3])
            // One dies, one is removed, one is with a reader.
            _ = try await queue.read()
            clock.advance(30_000)
            let removed = try #require(try await queue.read())
            try await queue.remove(removed.id)
            _ = try await queue.read()
            try await add()
            try await expect(queue.order(), is: [3])
            try await expect(queue.size(), is: 2)
            try await expect(queue.deadLetters().map(\.value), is: [0])
        }
    }

    @Test("a first request that its own repetition has overtaken adds nothing and loses nothing")
    func overtaken() async throws {
        try await withMemoryStore { memory, _ in
            let clock = TestClock()
            let queue = try timedQueue(memory, clock)
            let id = RandomID.random()
            func send(mayBeThere: Bool) async throws -> QueueScripts.Addition {
                try await queue.scripts.add(
                    [(id, Array("7".utf8))], priority: 0, lifeMillis: 60_000, mayBeThere: mayBeThere,
                    limits: QueueLimits())
            }
            try await expect(send(mayBeThere: true), is: .added(1))
            let batch = try #require(try await queue.read())
            try await expect(send(mayBeThere: false), is: .added(0))
            try await expect(queue.order(), is: [])
            try await expect(queue.remove(batch.id), is: true)

            // The same of a read: the second finds the batch of the first.
            try await queue.add(contentsOf: [1, 2, 3], expiresAfter: Self.long)
            let request = QueueScripts.ReadRequest(
                batch: .random(), count: 2, allOrNothing: false, invisibleMillis: 30_000, maximumAttempts: nil,
                waiter: nil)
            let first = try await queue.shared.read(request)
            let second = try await queue.shared.read(request)
            #expect(first == second)
            #expect(first?.count == 2)
            try await expect(queue.order(), is: [3])
        }
    }
}
