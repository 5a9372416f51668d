import HoldfastStorage

/// The state of a ``Replica``: takes messages in whatever order they come.
struct ReplicaState: Sendable {
    private(set) var document: JSONValue = .null
    private(set) var position: ReplicaPosition?
    /// A patch for this revision did not apply: only a snapshot helps.
    private var isBroken = false
    /// No less than the document takes in bytes, as long as it is below the limit.
    private var bytesBound = 0
    let maximumBytes: Int

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// What to ask the publisher for.
    var request: ReplicationMessage { .request(isBroken ? nil : position) }

    /// Takes a message that came in `count` bytes.
    ///
    /// A throw leaves the document as it was.
    mutating func receive(_ message: ReplicationMessage, count: Int) throws(ReplicationError) -> Replica.Outcome {
        switch message {
        case .snapshot(let next, let document):
            if !isBroken, let position, position.stream == next.stream, next.revision <= position.revision {
                return .ignored
            }
            guard count <= maximumBytes else { throw tooLarge }
            self.document = document
            position = next
            bytesBound = count
            isBroken = false
            return .applied
        case .patch(let next, let patch):
            guard !isBroken, let position, position.stream == next.stream, next.revision - 1 <= position.revision else {
                return .needsResync
            }
            guard next.revision > position.revision else { return .ignored }
            try checkSize(adding: count)
            do throws(ReplicationError) {
                try patch.apply(to: &document)
            } catch {
                isBroken = true
                throw error
            }
            self.position = next
            bytesBound += count
            return .applied
        case .request:
            throw ReplicationError(.malformed, "a publisher sends no requests")
        }
    }

    /// Refuses a patch that might make the document too large; measures it only when the bound says so.
    private mutating func checkSize(adding count: Int) throws(ReplicationError) {
        guard bytesBound + count > maximumBytes else { return }
        bytesBound = (try? CanonicalJSON.write(document, limits: ReplicationMessage.limits).count) ?? maximumBytes
        guard bytesBound + count > maximumBytes else { return }
        isBroken = true
        throw tooLarge
    }

    private var tooLarge: ReplicationError {
        ReplicationError(.tooLarge, "the document would grow beyond \(maximumBytes) bytes")
    }
}
