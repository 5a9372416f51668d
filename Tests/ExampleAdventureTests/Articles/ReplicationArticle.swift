import Holdfast

/// The programs of "Replication", to be compiled.
enum ReplicationArticle {
    struct Player: Codable, Sendable {}

    struct Client: Sendable {
        func send(_ bytes: [UInt8]) async throws {}
    }

    struct Server {
        let messages: AsyncStream<[UInt8]>
        func send(_ bytes: [UInt8]) {}
    }

    struct Display: Sendable {
        func show(coins: Int64) {}
    }

    static func server(_ session: Session<Player>, _ connection: Client) async throws {
        let publisher = try session.publisher(of: ["name", "wallet.coins", "items.*.kind"])
        async let published: Void = publisher.run(every: .milliseconds(100))
        for try await message in publisher.messages() {
            try await connection.send(message)  // bytes; your own connection
        }
        try await published
    }

    static func client(_ connection: Server, _ hud: Display) async {
        let replica = Replica()
        replica.observe("wallet.coins") { old, new in hud.show(coins: new?.int64 ?? 0) }

        for await bytes in connection.messages {
            let outcome = try? replica.receive(bytes)
            if outcome == nil || outcome == .needsResync {
                connection.send(replica.request)  // the server: publisher.answer(request), and sends what that returns
            }
        }
    }
}
