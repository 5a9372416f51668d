import Synchronization

/// The sessions that the coordinator's tick has to look at: those with something unsaved, planned or under way.
///
/// Ten thousand sessions of which few change would otherwise cost more to look at than those few to save. A session
/// puts itself in under its own lock, and its tick takes it out under the same lock, so that none is missed; each
/// renewal looks at all of them once.
final class WatchList: Sendable {
    private let sessions = Mutex<[ObjectIdentifier: any ManagedSession]>([:])

    var all: [any ManagedSession] { sessions.withLock { Array($0.values) } }

    func add(_ session: any ManagedSession) {
        sessions.withLock { $0[ObjectIdentifier(session)] = session }
    }

    func remove(_ session: any ManagedSession) {
        sessions.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(session)) }
    }

    func removeAll() {
        sessions.withLock { $0 = [:] }
    }
}
