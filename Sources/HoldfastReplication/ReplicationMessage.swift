import HoldfastStorage

/// What travels between a publisher and its replicas, as canonical JSON.
///
/// - `{"revision":7,"snapshot":{…},"stream":"…"}`: the whole public document at a revision.
/// - `{"patch":[…],"revision":8,"stream":"…"}`: what leads there from the revision before, after RFC 6902.
/// - `{"revision":8,"stream":"…"}`, from the client: what it has; `{}` when it needs a snapshot.
enum ReplicationMessage: Sendable, Equatable {
    case snapshot(ReplicaPosition, JSONValue)
    case patch(ReplicaPosition, JSONPatch)
    case request(ReplicaPosition?)

    /// The largest document, and what stands around it.
    static let limits = CanonicalJSON.Limits(
        maximumBytes: DurableStoreLimits.documentBytes + 4_096,
        maximumDepth: CanonicalJSON.Limits().maximumDepth + 4
    )
    /// A patch of more operations is refused before it is carried out.
    static let maximumOperations = 65_536

    /// Reads bytes from the other side.
    ///
    /// - Throws: ``ReplicationError``: `malformed`, `tooLarge`.
    init(_ bytes: [UInt8]) throws(ReplicationError) {
        let json: JSONValue
        do {
            json = try CanonicalJSON.parse(bytes, limits: Self.limits)
        } catch {
            let code: ReplicationError.Code = [.tooLarge, .tooDeep].contains(error.code) ? .tooLarge : .malformed
            throw ReplicationError(code, "the message cannot be read: \(error)", underlying: error)
        }
        guard let object = json.object else { throw ReplicationError(.malformed, "a message is an object") }
        let position = ReplicaPosition(json: json)
        switch (object["snapshot"], object["patch"]) {
        case (nil, nil) where object.isEmpty || position != nil:
            self = .request(position)
        case (let document?, nil):
            guard let position else { throw Self.unplaced }
            guard document.isNested(within: CanonicalJSON.Limits().maximumDepth) else {
                throw ReplicationError(.tooLarge, "the document is nested too deeply")
            }
            self = .snapshot(position, document)
        case (nil, let operations?):
            guard let position else { throw Self.unplaced }
            guard (operations.array?.count ?? 0) <= Self.maximumOperations else {
                throw ReplicationError(.tooLarge, "a patch has at most \(Self.maximumOperations) operations")
            }
            self = .patch(position, try JSONPatch(json: operations))
        default: throw ReplicationError(.malformed, "a message has either a snapshot or a patch")
        }
    }

    private static var unplaced: ReplicationError {
        ReplicationError(.malformed, "a message has a stream and a revision")
    }

    /// The bytes to send.
    ///
    /// - Throws: ``ReplicationError``: `tooLarge`, or `badInput` for NaN, infinity and what is nested too deeply.
    func bytes() throws(ReplicationError) -> [UInt8] {
        let json: JSONValue =
            switch self {
            case .snapshot(let position, let document): position.json(adding: "snapshot", document)
            case .patch(let position, let patch): position.json(adding: "patch", patch.json)
            case .request(let position): position?.json() ?? [:]
            }
        do {
            return try CanonicalJSON.write(json, limits: Self.limits)
        } catch {
            let code: ReplicationError.Code = error.code == .tooLarge ? .tooLarge : .badInput
            throw ReplicationError(code, "the message cannot be written: \(error)", underlying: error)
        }
    }
}
