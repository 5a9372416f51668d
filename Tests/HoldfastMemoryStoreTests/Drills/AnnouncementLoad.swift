import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// A channel that every server announces on and listens to.
final class AnnouncementLoad: DrillLoad {
    let name: String
    private let channels: [Announcements<String>]
    private let listeners: [Listener]
    private let acknowledged = Mutex((durable: Set<String>(), fast: Set<String>()))

    /// Opens the channel `name` on every server and listens there.
    init(_ name: String, _ fleet: [MemoryStore]) async throws {
        self.name = "announcements \(name)"
        channels = try fleet.map { try $0.announcements(name, of: String.self) }
        var listeners: [Listener] = []
        for channel in channels { listeners.append(try await Listener(channel)) }
        self.listeners = listeners
    }

    func step(task: Int, number: Int) async throws -> Bool {
        let (text, id) = ("\(task)-\(number)", RandomID.random())
        let channel = channels[task % channels.count]
        if number.isMultiple(of: 2) {
            _ = try await Drill.settle { try await channel.publish(text, id: id) }
            acknowledged.withLock { _ = $0.durable.insert(text) }
        } else {
            try await channel.publishFast(text)
            acknowledged.withLock { _ = $0.fast.insert(text) }
        }
        return await arrives {
            listeners.allSatisfy { $0.heard.suffix(50).contains { $0.text == text } }
        }
    }

    func verify(mayLose: Bool) async throws {
        let (durable, fast) = acknowledged.withLock { $0 }
        for listener in listeners {
            func texts(_ flavor: AnnouncementFlavor) -> [String] {
                listener.heard.filter { $0.flavor == flavor }.compactMap(\.text)
            }
            try await eventually("\(name): every durable announcement is heard") {
                durable.isSubset(of: texts(.durable))
            }
            let gaps = listener.heard.filter { $0.text == nil }
            #expect(!gaps.contains { $0.flavor == .durable }, "\(name): a durable announcement is lost: \(gaps)")
            #expect(mayLose || gaps.isEmpty, "\(name): \(gaps)")
            if gaps.isEmpty {
                try await eventually("\(name): every fast announcement is heard, or there is a gap") {
                    fast.isSubset(of: texts(.fast)) || listener.heard.contains { $0.text == nil }
                }
            }
            for flavor in [AnnouncementFlavor.durable, .fast] {
                let texts = texts(flavor)
                #expect(Set(texts).count == texts.count, "\(name): something was heard twice")
            }
        }
        // One whose announcer was told of a failure may be on its way to some of them.
        try await eventually("\(name): all hear the same in the same order") {
            let orders = listeners.map { $0.heard.filter { $0.flavor == .durable } }
            return orders.allSatisfy { $0 == orders[0] }
        }
    }
}

extension Heard {
    /// What was announced; nil for anything else.
    fileprivate var text: String? {
        switch self {
        case .durable(_, let text), .fast(_, let text): text
        case .gap, .unreadable: nil
        }
    }

    /// Which log it is about.
    fileprivate var flavor: AnnouncementFlavor? {
        switch self {
        case .durable: .durable
        case .fast: .fast
        case .gap(let flavor, _, _): flavor
        case .unreadable: nil
        }
    }
}
