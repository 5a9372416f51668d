public import HoldfastStorage
import Synchronization

/// A client's read-only copy of the public part of a document.
///
/// Give it the bytes of one publisher as they arrive, and send ``request`` back whenever it answers `needsResync` or
/// throws. Messages that are lost, doubled or out of order never leave it with a document that the publisher did not
/// have. Reading is allowed from anywhere; bytes must come from one task at a time.
public final class Replica: Sendable {
    /// What became of a message.
    public enum Outcome: Sendable, Hashable {
        /// The document is now that of the message's revision.
        case applied
        /// The replica had it, or something newer, already.
        case ignored
        /// Messages before it are missing: send ``Replica/request`` to the publisher.
        ///
        /// Comes back with every message until the answer is here; asking again is harmless.
        case needsResync
    }

    /// Names an observer, to end it.
    public struct Observation: Sendable, Hashable {
        let number: UInt64
    }

    private struct Observer {
        let path: DocumentPath
        let changed: @Sendable (_ old: JSONValue?, _ new: JSONValue?) -> Void
    }
    private struct State {
        var replica: ReplicaState
        var observers: [UInt64: Observer] = [:]
        var nextObserver: UInt64 = 0

        /// Takes a message and returns the calls that its observers are owed.
        mutating func receive(
            _ message: ReplicationMessage, count: Int
        ) throws(ReplicationError) -> (Outcome, [@Sendable () -> Void]) {
            let touched = message.touched
            let watching = observers.sorted { $0.key < $1.key }.map(\.value)
                .filter { observer in touched.contains { $0.overlaps(observer.path) } }
            let before = watching.map { $0.path.value(in: replica) }
            let outcome = try replica.receive(message, count: count)
            var calls: [@Sendable () -> Void] = []
            for (observer, old) in zip(watching, before) {
                let new = observer.path.value(in: replica)
                if old != new { calls.append { observer.changed(old, new) } }
            }
            return (outcome, calls)
        }
    }
    private let state: Mutex<State>

    /// Makes an empty replica.
    ///
    /// - Parameter maximumBytes: The most bytes that the document may take, however many messages build it, and that a
    ///   snapshot's message may have: 8 MiB.
    public init(maximumBytes: Int = 8 << 20) {
        state = Mutex(State(replica: ReplicaState(maximumBytes: maximumBytes)))
    }

    /// The document as of the last message; `null` before the first snapshot.
    public var document: JSONValue { state.withLock { $0.replica.document } }
    /// What the replica has; nil before the first snapshot.
    public var position: ReplicaPosition? { state.withLock { $0.replica.position } }

    /// The value at a place of the document; nil where there is none.
    public subscript(path: DocumentPath) -> JSONValue? { path.value(in: document) }

    /// The bytes that ask the publisher for what is missing: to begin with, after a gap, after an error.
    public var request: [UInt8] {
        // Written from two checked fields, it always fits.
        (try? state.withLock { $0.replica.request }.bytes()) ?? Array("{}".utf8)
    }

    /// Takes one message, all of it or nothing, and calls the observers of what it changed.
    ///
    /// - Throws: ``ReplicationError``: `malformed`, `tooLarge`, `doesNotApply`. The document stays as it was.
    public func receive(_ bytes: [UInt8]) throws(ReplicationError) -> Outcome {
        let message = try ReplicationMessage(bytes)
        let (outcome, calls) = try state.withLock { state throws(ReplicationError) in
            try state.receive(message, count: bytes.count)
        }
        for call in calls { call() }
        return outcome
    }

    /// Has a place watched: called once for each message that changes the value there, with the value before and after.
    ///
    /// nil stands for no value, also for that before the first snapshot. Calls come in the order of the observers from
    /// within ``receive(_:)``, when ``document`` is the new one already.
    @discardableResult
    public func observe(
        _ path: DocumentPath, _ changed: @escaping @Sendable (_ old: JSONValue?, _ new: JSONValue?) -> Void
    ) -> Observation {
        state.withLock { state in
            state.nextObserver += 1
            state.observers[state.nextObserver] = Observer(path: path, changed: changed)
            return Observation(number: state.nextObserver)
        }
    }

    /// Ends an observation.
    public func stop(_ observation: Observation) {
        _ = state.withLock { $0.observers.removeValue(forKey: observation.number) }
    }
}

extension ReplicationMessage {
    /// Places outside of which the document stays as it is.
    fileprivate var touched: [DocumentPath] {
        switch self {
        case .snapshot: [DocumentPath(components: [])]
        // An insertion or removal moves the elements behind it.
        case .patch(_, let patch):
            patch.operations.map { DocumentPath(components: Array($0.path.components.dropLast())) }
        case .request: []
        }
    }
}

extension DocumentPath {
    /// Whether one of both lies inside the other.
    fileprivate func overlaps(_ other: DocumentPath) -> Bool {
        zip(components, other.components).allSatisfy { $0.hasSameBytes(as: $1) }
    }

    /// The value here before or after a message; nil while there is no document.
    fileprivate func value(in replica: ReplicaState) -> JSONValue? {
        replica.position == nil ? nil : value(in: replica.document)
    }
}
