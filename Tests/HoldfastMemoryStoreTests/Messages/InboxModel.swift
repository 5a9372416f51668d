import HoldfastRedis
import HoldfastStorage
import ModelTesting

@testable import HoldfastMemoryStore

/// An inbox of at most five messages with two processes that read it, beside plain arrays, all by one clock.
struct InboxModel: ModelSubject {
    enum Operation: CustomStringConvertible {
        case send(life: Int64)
        /// Sends an earlier message once more.
        case sendAgain(Int, life: Int64)
        case receive(reader: Int, count: Int, hidden: Int64)
        /// A reader acknowledges something that it was once given.
        case acknowledge(reader: Int, Int)
        case inspect(Int)
        case advance(Int64)
        case flush

        var description: String {
            switch self {
            case .send(let life): "send for \(life) ms"
            case .sendAgain(let index, let life): "send message \(index) again for \(life) ms"
            case .receive(let reader, let count, let hidden):
                "reader \(reader) takes \(count), hidden for \(hidden) ms"
            case .acknowledge(let reader, let index): "reader \(reader) acknowledges its delivery \(index)"
            case .inspect(let index): "look at message \(index)"
            case .advance(let millis): "advance \(millis) ms"
            case .flush: "flush"
            }
        }
    }

    private struct Message {
        let number: Int
        let sent: Int64
        let expires: Int64
        var deliveries = 0
    }

    private static let readers = 2
    private static let capacity = 5
    /// How long an acknowledgement is known.
    private static let memory: Int64 = 600_000

    private let inboxes: [InboxQueue]
    private let clock = TestClock()

    // The reference.
    /// Every message that was ever sent.
    private var ids: [RandomID] = []
    private var messages: [RandomID: Message] = [:]
    /// The oldest first.
    private var waiting: [RandomID] = []
    /// By when they are delivered again.
    private var taken: [RandomID: Int64] = [:]
    private var acknowledged: [RandomID: Int64] = [:]
    private var given: [[RandomID]] = Array(repeating: [], count: readers)
    private var handled: [Set<RandomID>] = Array(repeating: [], count: readers)

    init(_ memory: MemoryStore) {
        let (context, server) = (memory.at(clock).context, "\(RandomID.random())")
        inboxes = (0..<Self.readers).map { _ in
            InboxQueue(server: server, context: context, capacity: Int64(Self.capacity))
        }
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let index = generator.number(in: 0...20)
        let reader = generator.number(in: 0...readers - 1)
        let life = generator.one(of: [3, 20, 1_000_000, 1_000_000] as [Int64])
        return switch generator.number(in: 0...19) {
        case 0...5: .send(life: life)
        case 6: .sendAgain(index, life: life)
        case 7...11:
            .receive(reader: reader, count: generator.number(in: 1...3), hidden: generator.one(of: [2, 10, 700_000]))
        case 12...14: .acknowledge(reader: reader, index)
        case 15, 16: .inspect(index)
        case 17, 18: .advance(generator.one(of: [1, 5, 15, 600_000]))
        default: .flush
        }
    }

    mutating func apply(_ operation: Operation) async throws {
        clock.advance(1)
        switch operation {
        case .send(let life):
            ids.append(.random())
            try await send(ids.count - 1, life)
        case .sendAgain(let index, let life):
            if !ids.isEmpty { try await send(index % ids.count, life) }
        case .receive(let reader, let count, let hidden): try await receive(reader, count, hidden)
        case .acknowledge(let reader, let index):
            guard !given[reader].isEmpty else { return }
            let id = given[reader][index % given[reader].count]
            try await inboxes[reader].acknowledge([id])
            acknowledge([id], reader)
        case .inspect(let index):
            if !ids.isEmpty { try await inspect(ids[index % ids.count]) }
        case .advance(let millis): clock.advance(millis)
        case .flush:
            for part in ["waiting", "taken", "messages", "deliveries", "acknowledged"] {
                _ = try await inboxes[0].context.redis.command(["DEL", .bytes(inboxes[0].keys[part])])
            }
            (messages, waiting, taken, acknowledged) = ([:], [], [:], [:])
        }
    }

    mutating func finish() async throws {
        for id in ids { try await inspect(id) }
        for reader in 0..<Self.readers { try await receive(reader, 100, 1) }
    }

    // MARK: Steps

    private mutating func send(_ number: Int, _ life: Int64) async throws {
        let id = ids[number]
        let refusal = await code {
            try await inboxes[0].send(Array("\(number)".utf8), id: id, lifeMillis: life, within: .seconds(5))
        }
        if messages[id] != nil || acknowledged[id] != nil {
            return try agree(refusal, nil, "the answer to a known one")
        }
        while messages.count >= Self.capacity {
            guard let oldest = waiting.first, let message = messages[oldest], message.expires <= clock.now else {
                return try agree(refusal, .full)
            }
            waiting.removeFirst()
            messages[oldest] = nil
        }
        try agree(refusal, nil)
        messages[id] = Message(number: number, sent: clock.now, expires: clock.now + life)
        waiting.append(id)
    }

    private mutating func receive(_ reader: Int, _ count: Int, _ hidden: Int64) async throws {
        let found = try await inboxes[reader].receive(count, redeliverAfter: .milliseconds(hidden))
        var wanted: [RandomID] = []
        while true {
            let took = take(count, hidden)
            wanted = took.filter { !handled[reader].contains($0) }
            acknowledge(took.filter { handled[reader].contains($0) }, reader)
            if !wanted.isEmpty || took.isEmpty { break }
        }
        try agree(found.map(\.id), wanted)
        try agree(found.map(\.value), wanted.map { Array("\(messages[$0]?.number ?? -1)".utf8) }, "what they say")
        try agree(found.map(\.deliveries), wanted.map { Int64(messages[$0]?.deliveries ?? -1) }, "how often")
        try agree(found.map(\.sentAtMillis), wanted.map { messages[$0]?.sent ?? -1 }, "when they were sent")
        try agree(found.map(\.expiresAtMillis), wanted.map { messages[$0]?.expires ?? -1 }, "when they expire")
        given[reader] += wanted
    }

    private func inspect(_ id: RandomID) async throws {
        let found = try await inboxes[0].inspect(id, within: .seconds(5))
        let isThere = messages[id].map { $0.expires > clock.now } ?? false
        try agree(found, acknowledged[id] != nil ? .acknowledged : isThere ? .waiting : .gone)
    }

    // MARK: The reference

    private mutating func take(_ count: Int, _ hidden: Int64) -> [RandomID] {
        // Those that are due at the same time come in the order of their ids.
        let due = taken.filter { $0.value <= clock.now }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        for id in due { taken[id] = nil }
        waiting = due + waiting
        var took: [RandomID] = []
        while took.count < count, !waiting.isEmpty {
            let id = waiting.removeFirst()
            guard let message = messages[id], message.expires > clock.now else {
                messages[id] = nil
                continue
            }
            messages[id]?.deliveries += 1
            taken[id] = clock.now + hidden
            took.append(id)
        }
        return took
    }

    private mutating func acknowledge(_ ids: [RandomID], _ reader: Int) {
        guard !ids.isEmpty else { return }
        for id in ids {
            handled[reader].insert(id)
            acknowledged[id] = clock.now
            messages[id] = nil
            taken[id] = nil
            waiting.removeAll { $0 == id }
        }
        acknowledged = acknowledged.filter { $0.value > clock.now - Self.memory }
    }
}
