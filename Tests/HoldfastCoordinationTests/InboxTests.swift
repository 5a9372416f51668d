import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCoordination

@Suite("Inboxes")
struct InboxTests {
    @Test("messages arrive once and in order", arguments: BackendKind.allCases)
    func order(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let messages: [InboxMessage] = [
                .handOver(id: try record("{a}:*\0🙂"), nonce: .random(), to: "s:2 %"),
                .released(id: try record("x")), .operations(id: try record("%7B")), .released(id: try record("x")),
                .order(.save, id: try record("y"), request: .random(), replyTo: "order-1"),
                .answer(id: try record("y"), request: .random(), document: Array(#"{"a:%":1}"#.utf8)),
            ]
            for message in messages { try await backend.send(message, to: "s") }
            #expect(try await backend.receive(server: "other", wait: .zero) == [])
            #expect(try await backend.receive(server: "s", wait: .seconds(5)) == messages)
            #expect(try await backend.receive(server: "s", wait: .zero) == [])
        }
    }

    @Test("a waiting server is woken by the first message", arguments: BackendKind.allCases)
    func wake(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let message = InboxMessage.released(id: try record())
            let start = ContinuousClock.now
            async let received = backend.receive(server: "s", wait: .seconds(60))
            try await backend.send(message, to: "s")
            #expect(try await received == [message])
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }

    @Test("a wait without messages ends empty", arguments: BackendKind.allCases)
    func emptyWait(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let start = ContinuousClock.now
            let received = try await backend.receive(server: "s", wait: .milliseconds(80))
            #expect(received == [])
            #expect(ContinuousClock.now - start >= .milliseconds(75))
        }
    }

    @Test("a waiting server holds up neither leases nor beats", arguments: BackendKind.allCases)
    func waitBlocksNobody(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let waiting = Task { try await backend.receive(server: "s", wait: .seconds(60)) }
            let (id, owner) = (try record(), owner())
            let start = ContinuousClock.now
            _ = try await backend.acquire(request(id, owner))
            _ = try await backend.renew([LeaseClaim(id, owner)], lease: .seconds(30))
            _ = try await backend.beat(ServerBeat(server: "s", boot: .random(), number: 1), timeToLive: .seconds(3))
            #expect(ContinuousClock.now - start < .seconds(30))
            waiting.cancel()
            let result = await waiting.result
            #expect(throws: CoordinationError.self) { try result.get() }
        }
    }

    @Test("an inbox keeps the last 10,000 messages", arguments: BackendKind.allCases)
    func bound(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let early = InboxMessage.operations(id: try record("early"))
            let last = try (0..<3).map { InboxMessage.released(id: try record("\($0)")) }
            for _ in 0..<100 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<100 { group.addTask { try await backend.send(early, to: "s") } }
                    try await group.waitForAll()
                }
            }
            for message in last { try await backend.send(message, to: "s") }
            var received: [InboxMessage] = []
            while case let batch = try await backend.receive(server: "s", wait: .zero), !batch.isEmpty {
                #expect(batch.count <= 1_000)
                received += batch
            }
            #expect(received.count == 10_000)
            #expect(Array(received.suffix(3)) == last)
            #expect(received.dropLast(3).allSatisfy { $0 == early })
        }
    }

    @Test("a message of another build's form is read as none")
    func unknownForm() throws {
        let known = InboxMessage.released(id: try record("a:b")).redisBytes
        #expect(InboxMessage(redisBytes: known) == .released(id: try record("a:b")))
        for text in [
            "", "released", "later:players:1", "released:players:", "released:pla yers:1", "released:p:1:2",
            "hand-over:players:1:xx:s", "order:players:1:show:xx:s",
            "order:players:1:burn:00000000000000000000000000000000:s",
            "answer:players:1:xx:%7B%7D", "released:players:%7b", "released:players:%4",
        ] {
            #expect(InboxMessage(redisBytes: Array(text.utf8)) == nil, "\(text)")
        }
    }
}
