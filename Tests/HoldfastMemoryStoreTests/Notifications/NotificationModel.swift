import HoldfastStorage
import ModelTesting

@testable import HoldfastMemoryStore

/// A player's notifications beside a plain array, by one clock.
struct NotificationModel: ModelSubject {
    enum Operation: CustomStringConvertible {
        /// Under one of six ids, so that ids come again.
        case notify(Int, life: Int64)
        case markRead([Int])
        case delete([Int])
        /// A page behind the last one that was listed.
        case list(goesOn: Bool, limit: Int)
        case count
        case deleteAll
        case advance(Int64)

        var description: String {
            switch self {
            case .notify(let id, let life): "notify \(id) for \(life) ms"
            case .markRead(let ids): "mark \(ids)"
            case .delete(let ids): "delete \(ids)"
            case .list(let goesOn, let limit): "list \(limit)\(goesOn ? " more" : "")"
            case .count: "count"
            case .deleteAll: "delete all"
            case .advance(let millis): "advance \(millis) ms"
            }
        }
    }

    private struct Note {
        let id: Int
        /// What it says, and its place: counts up.
        let number: Int
        let sent: Int64
        let expires: Int64
        var isRead = false
    }

    private static let ids = 6
    private static let day: Int64 = 86_400_000

    private let mail: Notifications<Int>
    private let store: ModelStore
    private let clock: TestClock
    private let names = (0..<ids).map { _ in RandomID.random() }

    // The reference.
    private var notes: [Note] = []
    /// Until when a deleted one is remembered.
    private var deleted: [Int: Int64] = [:]
    private var lastNumber = 0
    /// Where the last page ended, and in which of the lists that were begun.
    private var page: (cursor: NotificationCursor, number: Int, list: Int)?
    private var list = 0

    init(_ memory: MemoryStore) async throws {
        let clock = TestClock()
        store = try await ModelStore(clock)
        mail = Notifications(context: store.context(on: memory, clock))
        self.clock = clock
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        func some() -> [Int] {
            let count = generator.number(in: 1...3)
            return (0..<count).map { _ in generator.number(in: 0...ids - 1) }
        }
        return switch generator.number(in: 0...19) {
        case 0...6:
            .notify(generator.number(in: 0...ids - 1), life: generator.one(of: [3, 50, day / 2, 3 * day, 30 * day]))
        case 7...8: .markRead(some())
        case 9...10: .delete(some())
        case 11...13: .list(goesOn: generator.happens(0.5), limit: generator.number(in: 1...4))
        case 14: .count
        case 15: .deleteAll
        default: .advance(generator.one(of: [1, 20, day / 3, day, 4 * day]))
        }
    }

    mutating func apply(_ operation: Operation) async throws {
        clock.advance(1)
        let now = clock.now
        notes.removeAll { $0.expires <= now }
        switch operation {
        case .notify(let id, let life): try await notify(id, life)
        case .markRead(let ids):
            for index in notes.indices where ids.contains(notes[index].id) { notes[index].isRead = true }
            try await mail.markRead("7", ids.map { names[$0] })
        case .delete(let ids):
            for note in notes where ids.contains(note.id) { deleted[note.id] = max(note.expires, now + Self.day) }
            notes.removeAll { ids.contains($0.id) }
            try await mail.delete("7", ids.map { names[$0] })
        case .list(let goesOn, let limit): try await list(goesOn, limit)
        case .count:
            let found = try await mail.count("7")
            try agree(found, NotificationCount(all: notes.count, unread: notes.count { !$0.isRead }))
        case .deleteAll:
            (notes, deleted) = ([], [:])
            list += 1
            try await mail.deleteAll("7")
        case .advance(let millis): clock.advance(millis)
        }
    }

    mutating func finish() async throws {
        for operation in [Operation.count, .list(goesOn: true, limit: 200), .list(goesOn: false, limit: 200)] {
            try await apply(operation)
        }
    }

    private mutating func notify(_ id: Int, _ life: Int64) async throws {
        lastNumber += 1
        let isKnown = notes.contains { $0.id == id } || deleted[id].map { $0 > clock.now } ?? false
        if !isKnown { notes.append(Note(id: id, number: lastNumber, sent: clock.now, expires: clock.now + life)) }
        try await mail.notify("7", lastNumber, expiresAfter: .milliseconds(life), id: names[id])
    }

    private mutating func list(_ goesOn: Bool, _ limit: Int) async throws {
        let after = goesOn ? page : nil
        let found = try await mail.list("7", after: after?.cursor, limit: limit)
        let first = after.map { $0.list == list ? $0.number : 0 } ?? 0
        let wanted = notes.filter { $0.number > first }.prefix(limit)
        try agree(found.map { try? $0.note.get() }, wanted.map(\.number))
        try agree(found.map(\.id), wanted.map { names[$0.id] }, "the ids")
        try agree(found.map(\.isRead), wanted.map(\.isRead), "what is read")
        try agree(found.map(\.sentAtMillis), wanted.map(\.sent), "when they were sent")
        try agree(found.map(\.expiresAtMillis), wanted.map(\.expires), "when they expire")
        if let last = found.last, let number = wanted.last?.number { page = (last.cursor, number, list) }
    }
}
