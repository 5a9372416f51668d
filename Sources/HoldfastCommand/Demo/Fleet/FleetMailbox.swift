import Foundation
import Synchronization

/// What the servers' threads have for the director, in order of arrival.
///
/// Bounded: a thread that comes to a full box waits, and so does its server.
final class FleetMailbox: Sendable {
    struct Letter: Sendable {
        let server: String
        let event: ServerProcess.Event
        let at: ContinuousClock.Instant
    }

    private static let capacity = 50_000
    private let letters = Mutex<[Letter]>([])
    private let room = NSCondition()

    /// Adds a letter, stamped with the time of its arrival.
    func post(_ event: ServerProcess.Event, from server: String) {
        let letter = Letter(server: server, event: event, at: .now)
        room.lock()
        defer { room.unlock() }
        while letters.withLock({ $0.count >= Self.capacity }) { room.wait() }
        letters.withLock { $0.append(letter) }
    }

    /// Takes everything.
    func takeAll() -> [Letter] {
        room.lock()
        defer {
            room.broadcast()
            room.unlock()
        }
        return letters.withLock { letters in
            defer { letters.removeAll(keepingCapacity: true) }
            return letters
        }
    }
}
