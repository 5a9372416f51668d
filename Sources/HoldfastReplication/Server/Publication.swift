import HoldfastStorage

/// The state of a ``Publisher``: what clients see, and the last messages about it.
struct Publication: Sendable {
    let paths: PublicPaths
    let stream: RandomID
    let limits: PublisherLimits
    private(set) var revision: Int64 = 0
    /// What a replica has that took every message.
    private(set) var document: JSONValue
    /// The messages that lead to the newest revisions, the last one to ``revision``.
    private var backlog: [[UInt8]] = []
    private var backlogBytes = 0
    /// The bytes of a snapshot at ``revision``, once they were asked for.
    private var snapshot: [UInt8]?

    init(paths: PublicPaths, document: JSONValue, stream: RandomID, limits: PublisherLimits) throws(ReplicationError) {
        self.paths = paths
        self.stream = stream
        self.limits = limits
        self.document = paths.filter(document)
        try Self.check(JSONPatch([.replace(DocumentPath(components: []), self.document)]))
        snapshot = try snapshotBytes()
    }

    var position: ReplicaPosition { ReplicaPosition(stream: stream, revision: revision) }

    /// Goes over to a document; returns the message, nil where nothing public is different.
    ///
    /// A throw leaves everything as it was.
    mutating func publish(_ whole: JSONValue) throws(ReplicationError) -> [UInt8]? {
        let shown = paths.filter(whole)
        let patch = JSONPatch(from: document, to: shown)
        guard !patch.operations.isEmpty else { return nil }
        try Self.check(patch)
        let old = document
        document = shown
        do throws(ReplicationError) {
            return try send(patch)
        } catch {
            document = old
            throw error
        }
    }

    /// Carries out changes of the whole document on its public part.
    ///
    /// A throw leaves everything as it was.
    mutating func publish(_ changes: JSONPatch) throws(ReplicationError) -> [UInt8]? {
        try Self.check(changes)
        var patch = JSONPatch()
        var undo: [JSONPatch.Operation] = []
        do throws(ReplicationError) {
            for change in changes.operations {
                guard let operation = try publicForm(of: change) else { continue }
                if let inverse = try document.perform(operation) { undo.append(inverse) }
                patch.operations.append(operation)
            }
            return patch.operations.isEmpty ? nil : try send(patch)
        } catch {
            document.undo(undo)
            throw error
        }
    }

    /// Finds what cannot be written before anything is changed.
    private static func check(_ patch: JSONPatch) throws(ReplicationError) {
        for operation in patch.operations {
            guard let value = operation.value else { continue }
            guard value.isNested(within: CanonicalJSON.Limits().maximumDepth, at: operation.path), value.isFinite else {
                throw ReplicationError(
                    .badInput, "a value with NaN, infinity or over 64 containers, at \(operation.path.pointer)")
            }
        }
    }

    // MARK: - Messages

    /// The next message for a replica that has a position; nil where it has the newest, a snapshot where it has none
    /// or the messages after it are gone.
    mutating func message(after known: ReplicaPosition?) throws(ReplicationError) -> (ReplicaPosition, [UInt8])? {
        guard let known, known.stream == stream, known.revision <= revision,
            known.revision >= revision - Int64(backlog.count)
        else { return (position, try snapshotBytes()) }
        guard known.revision < revision else { return nil }
        let index = backlog.count - Int(revision - known.revision)
        return (ReplicaPosition(stream: stream, revision: known.revision + 1), backlog[index])
    }

    private mutating func snapshotBytes() throws(ReplicationError) -> [UInt8] {
        if let snapshot { return snapshot }
        let bytes = try ReplicationMessage.snapshot(position, document).bytes()
        snapshot = bytes
        return bytes
    }

    /// Numbers the message that leads to ``document`` and keeps it for those who are late.
    private mutating func send(_ patch: JSONPatch) throws(ReplicationError) -> [UInt8] {
        let next = ReplicaPosition(stream: stream, revision: revision + 1)
        let bytes: [UInt8]
        do throws(ReplicationError) {
            bytes = try ReplicationMessage.patch(next, patch).bytes()
        } catch {
            guard error.code == .tooLarge else { throw error }
            // Many small changes may take more room than what they lead to.
            bytes = try ReplicationMessage.snapshot(next, document).bytes()
        }
        revision += 1
        snapshot = nil
        backlog.append(bytes)
        backlogBytes += bytes.count
        var gone = 0
        while backlog.count - gone > limits.backlogMessages || backlogBytes > limits.backlogBytes, gone < backlog.count
        {
            backlogBytes -= backlog[gone].count
            gone += 1
        }
        backlog.removeFirst(gone)
        return bytes
    }
}

extension JSONValue {
    /// Whether it holds neither NaN nor infinity.
    fileprivate var isFinite: Bool {
        switch self {
        case .double(let number): number.isFinite
        case .array(let elements): elements.allSatisfy(\.isFinite)
        case .object(let object): object.members.allSatisfy(\.value.isFinite)
        default: true
        }
    }
}
