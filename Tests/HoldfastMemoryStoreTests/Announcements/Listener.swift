import HoldfastMemoryStore
import HoldfastStorage
import Synchronization
import TestServers

/// What a subscriber hears, put so that a test can name it.
enum Heard: Equatable, Sendable, CustomStringConvertible {
    case durable(Int64, String)
    case fast(Int64, String)
    case gap(AnnouncementFlavor, from: Int64, to: Int64?)
    case unreadable(Int64)

    init(_ event: AnnouncementEvent<String>) {
        switch event {
        case .message(let found) where found.flavor == .durable: self = .durable(found.sequence, found.value)
        case .message(let found): self = .fast(found.sequence, found.value)
        case .gap(let gap): self = .gap(gap.flavor, from: gap.from, to: gap.to)
        case .unreadable(_, let sequence, _): self = .unreadable(sequence)
        }
    }

    /// Which log it comes from; nothing is promised of the order between the two.
    var isFast: Bool {
        switch self {
        case .fast, .gap(.fast, _, _): true
        case .durable, .gap, .unreadable: false
        }
    }

    var description: String {
        switch self {
        case .durable(let sequence, let text): "durable \(sequence) \(text)"
        case .fast(let sequence, let text): "fast \(sequence) \(text)"
        case .gap(let flavor, let from, let to): "\(flavor) gap \(from) to \(to.map(String.init) ?? "?")"
        case .unreadable(let sequence): "unreadable \(sequence)"
        }
    }
}

/// Subscribes, and collects what comes.
final class Listener: Sendable {
    private let state = Mutex((heard: [Heard](), cursor: AnnouncementCursor(), hasEnded: false))
    private let task: Mutex<Task<Void, Never>?> = Mutex(nil)

    var heard: [Heard] { state.withLock { $0.heard } }
    var cursor: AnnouncementCursor { state.withLock { $0.cursor } }
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    init(_ channel: Announcements<String>, from start: AnnouncementStart = .now) async throws {
        let subscription = try await channel.subscribe(from: start)
        let task = Task { [weak self] in
            var iterator = subscription.makeAsyncIterator()
            while let event = await iterator.next() {
                let cursor = iterator.cursor
                self?.state.withLock { state in
                    state.heard.append(Heard(event))
                    state.cursor = cursor
                }
            }
            self?.state.withLock { $0.hasEnded = true }
        }
        self.task.withLock { $0 = task }
    }

    deinit { stop() }

    func stop() {
        task.withLock { $0 }?.cancel()
    }

    /// Waits until exactly this was heard, of each log in this order.
    func hears(_ wanted: [Heard], within limit: Duration = .seconds(60)) async throws {
        do {
            try await eventually("hears \(wanted)", within: limit) { heard.count >= wanted.count }
        } catch {
            throw TestServerError("wanted \(wanted), heard \(heard)")
        }
        let found = heard
        guard found.filter(\.isFast) == wanted.filter(\.isFast),
            found.filter({ !$0.isFast }) == wanted.filter({ !$0.isFast })
        else { throw TestServerError("wanted \(wanted), heard \(found)") }
    }
}

/// An in-memory store that is migrated.
func inMemoryStore(_ deployment: String) async throws -> InMemoryStore {
    let store = InMemoryStore(deployment: deployment)
    _ = try await store.migrate(DeploymentTimings())
    return store
}
