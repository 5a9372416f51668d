import HoldfastReplication
import HoldfastStorage
import Testing

@Suite("Message feeds")
struct MessageFeedTests {
    @Test("a feed brings a client to the newest revision and ends with the publisher", .timeLimit(.minutes(10)))
    func follows() async throws {
        let publisher = try Publisher(paths: ["n"], document: ["n": 0])
        let replicas = (0..<3).map { _ in Replica() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for replica in replicas {
                group.addTask {
                    for try await message in publisher.messages() { #expect(try replica.receive(message) == .applied) }
                }
            }
            for number in 1...500 {
                try publisher.publish(["n": .integer(Int64(number)), "secret": .integer(Int64(number))])
                if number.isMultiple(of: 50) { await Task.yield() }
            }
            publisher.finish()
            try await group.waitForAll()
        }
        for replica in replicas {
            #expect(replica["n"] == 500)
            #expect(replica.position == publisher.position)
        }
    }

    @Test("a client that is too slow gets a snapshot instead of a queue", .timeLimit(.minutes(10)))
    func slow() async throws {
        var limits = PublisherLimits()
        limits.backlogMessages = 2
        let publisher = try Publisher(paths: ["n"], document: ["n": 0], limits: limits)
        var feed = publisher.messages().makeAsyncIterator()
        let replica = Replica()
        _ = try replica.receive(#require(try await feed.next()))
        for number in 1...10 { try publisher.publish(["n": .integer(Int64(number))]) }
        _ = try replica.receive(#require(try await feed.next()))
        #expect(replica["n"] == 10)
        publisher.finish()
        #expect(try await feed.next() == nil)
    }

    @Test("a cancelled task leaves its feed", .timeLimit(.minutes(10)))
    func cancelled() async throws {
        let publisher = try Publisher(paths: ["n"], document: ["n": 0])
        let position = publisher.position
        let task = Task { try await publisher.messages(after: position).first { _ in true } }
        await Task.yield()
        task.cancel()
        #expect(try await task.value == nil)
    }
}
