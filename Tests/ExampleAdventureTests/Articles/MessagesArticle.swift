import Holdfast

/// The programs of "Announcements", to be compiled.
enum MessagesArticle {
    enum Command: Codable, Sendable {
        case openGates
    }

    struct Mail: Codable, Sendable {
        var text: String
    }

    static func announcements(_ memory: MemoryStore) async throws {
        func show(_ text: String) {}
        let news = try memory.announcements("news", of: String.self)
        try await news.publish("Double coins until noon", expiresAfter: .seconds(3_600))  // durable
        try await news.publishFast("Boss in the harbour", expiresAfter: .seconds(30))  // fast

        for await event in try await news.subscribe(from: .earliestValid) {
            switch event {
            case .message(let announcement): show(announcement.value)
            case .gap(let gap): print("missed from \(gap.from) to \(gap.to.map(String.init) ?? "an unknown number")")
            case .unreadable: break
            }
        }
    }

    static func inbox(_ memory: MemoryStore) async throws {
        func carryOut(_ command: Command) {}
        let inbox = try memory.inbox(for: "lobby-2", of: Command.self)
        let sent = try await inbox.send(.openGates, expiresAfter: .seconds(30))  // fast
        try await sent.acknowledgement(within: .seconds(5))

        for await delivery in try inbox.deliveries() {
            carryOut(try delivery.message)
            try await delivery.acknowledge()
        }
    }

    static func notifications(_ memory: MemoryStore) async throws {
        func show<Value>(_ value: Value) {}
        let mail = memory.notifications(of: Mail.self)
        try await mail.notify("42", Mail(text: "You were outbid"), id: RandomID(hashing: "auction:7:outbid:42"))
        let unread = try await mail.list("42").filter { !$0.isRead }
        for await next in try mail.watch("42") { show(next) }
        use(unread)
    }
}
