import HoldfastStorage
import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// Messages to one server that the others send, each until it is acknowledged.
final class InboxLoad: DrillLoad {
    let name: String
    private let inboxes: [Inbox<String>]
    private let received = Mutex<[String: Int]>([:])
    private let acknowledged = Mutex<Set<String>>([])

    /// Opens the inbox `name`; the first server reads it.
    init(_ name: String, _ fleet: [MemoryStore]) throws {
        self.name = "inbox \(name)"
        inboxes = try fleet.map { try $0.inbox(for: name, of: String.self) }
    }

    func step(task: Int, number: Int) async throws -> Bool {
        let (text, id) = ("\(task)-\(number)", RandomID.random())
        let inbox = inboxes[task % inboxes.count]
        let sent = try await Drill.settle { try await inbox.send(text, id: id) }
        do throws(MemoryStoreError) {
            try await sent.acknowledgement(within: .seconds(1))
        } catch {
            guard error.code == .deadline else { throw error }
            return false
        }
        acknowledged.withLock { _ = $0.insert(text) }
        return true
    }

    func attend() async throws {
        for await delivery in try inboxes[0].deliveries(redeliverAfter: .seconds(2)) {
            let text = try delivery.message
            received.withLock { $0[text, default: 0] += 1 }
            try? await delivery.acknowledge()
        }
    }

    func verify(mayLose: Bool) async throws {
        let received = received.withLock { $0 }
        let unread = acknowledged.withLock { $0.subtracting(received.keys) }
        #expect(mayLose || unread.isEmpty, "\(name): acknowledged and never read")
        #expect(received.values.allSatisfy { $0 == 1 }, "\(name): one process has read a message twice")
    }
}
