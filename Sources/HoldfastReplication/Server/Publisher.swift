public import HoldfastStorage
import Synchronization

/// Turns the changes of one document into messages for its replicas; fast: nothing is stored anywhere.
///
/// A game publishes what changed and sends the bytes over its own connections, either those that
/// ``publish(_:)-(JSONValue)`` returns or those of ``messages(after:)``. Only places of its ``PublicPaths`` ever leave
/// the server. Everything may be called from any task.
public final class Publisher: Sendable {
    private struct State {
        var publication: Publication
        var isFinished = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }
    private let state: Mutex<State>

    /// Begins with a document, at revision 0 of a stream of its own.
    ///
    /// - Throws: ``ReplicationError``: `badInput` for NaN, infinity and over 64 containers; `tooLarge` over 4 MiB.
    public init(
        paths: PublicPaths, document: JSONValue, limits: PublisherLimits = PublisherLimits()
    ) throws(ReplicationError) {
        let publication = try Publication(paths: paths, document: document, stream: .random(), limits: limits)
        state = Mutex(State(publication: publication))
    }

    /// The stream and the newest revision.
    public var position: ReplicaPosition { state.withLock { $0.publication.position } }

    /// Publishes whatever is different in a document, and returns the message for all clients; nil for nothing.
    ///
    /// The cost is linear in the document's public part.
    ///
    /// - Throws: ``ReplicationError``: `badInput`, `tooLarge`; nothing was published then.
    @discardableResult
    public func publish(_ document: JSONValue) throws(ReplicationError) -> [UInt8]? {
        try publishing { publication throws(ReplicationError) in try publication.publish(document) }
    }

    /// Publishes changes that are known by path, and returns the message for all clients; nil for nothing.
    ///
    /// The changes are those of the whole document since the last call, hidden places included, after RFC 6902: the
    /// parent of each place must exist. The cost goes by the places and values named, not by the document's size.
    ///
    /// - Throws: ``ReplicationError``: `doesNotApply` where the changes do not follow on what was published before,
    ///   `badInput`, `tooLarge`. Nothing was published then; publish the whole document instead.
    @discardableResult
    public func publish(_ changes: JSONPatch) throws(ReplicationError) -> [UInt8]? {
        try publishing { publication throws(ReplicationError) in try publication.publish(changes) }
    }

    private func publishing(
        _ body: (inout Publication) throws(ReplicationError) -> [UInt8]?
    ) throws(ReplicationError) -> [UInt8]? {
        let (message, woken) = try state.withLock { state throws(ReplicationError) in
            let message = try body(&state.publication)
            guard message != nil else { return (message, [CheckedContinuation<Void, Never>]()) }
            defer { state.waiters = [:] }
            return (message, Array(state.waiters.values))
        }
        for waiter in woken { waiter.resume() }
        return message
    }

    /// Answers a client's ``Replica/request``: the messages that it missed, or a snapshot; none where it has all.
    ///
    /// The answer is at most the backlog or one snapshot, however often it is asked for.
    ///
    /// - Throws: ``ReplicationError``: `malformed` for bytes that are no request, `tooLarge`.
    public func answer(_ request: [UInt8]) throws(ReplicationError) -> [[UInt8]] {
        guard case .request(var position) = try ReplicationMessage(request) else {
            throw ReplicationError(.malformed, "a client sends nothing but requests")
        }
        var messages: [[UInt8]] = []
        try state.withLock { state throws(ReplicationError) in
            while let (next, message) = try state.publication.message(after: position) {
                messages.append(message)
                position = next
            }
        }
        return messages
    }

    /// The messages for one client, beginning with a snapshot or after what it has, as they are published.
    ///
    /// A client that takes them too slowly gets a snapshot instead of what left the backlog, so no queue grows.
    public func messages(after position: ReplicaPosition? = nil) -> MessageFeed {
        MessageFeed(publisher: self, position: position)
    }

    /// Ends every ``messages(after:)`` once its client has the newest revision.
    public func finish() {
        let woken = state.withLock { state in
            state.isFinished = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in woken { waiter.resume() }
    }

    enum Step {
        case message(ReplicaPosition, [UInt8])
        case wait, finished
    }

    func step(after position: ReplicaPosition?) throws(ReplicationError) -> Step {
        try state.withLock { state throws(ReplicationError) in
            if let (next, message) = try state.publication.message(after: position) { return .message(next, message) }
            return state.isFinished ? .finished : .wait
        }
    }

    /// Waits until there is something after a position, or the caller is cancelled.
    func wait(after position: ReplicaPosition?) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    let isNews = state.publication.position != position || state.isFinished || Task.isCancelled
                    if !isNews { state.waiters[number] = continuation }
                    return isNews
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
