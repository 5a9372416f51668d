public import HoldfastStorage

/// A server that beats, with what it says of itself.
public struct ServerListing: Sendable, Equatable {
    /// The beat as it was received.
    public let beat: ServerBeat
    /// The status of the beat as JSON; an empty object where it is none.
    public let document: JSONValue
    /// What ``document`` says in the agreed form.
    public let status: ServerStatus

    /// Reads the status of a beat.
    public init(_ beat: ServerBeat) {
        self.beat = beat
        document = (try? CanonicalJSON.parse(Array(beat.status.utf8))) ?? .object(JSONObject())
        status = ServerStatus(document: document)
    }

    /// The server's id.
    public var id: String { beat.server }

    /// Reads the value at a place of ``document``; nil when there is none.
    public func value(at path: [String]) -> JSONValue? {
        path.reduce(Optional(document)) { value, component in
            switch value {
            case .object(let object)?: object[component]
            case .array(let elements)?: Int(component).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            default: nil
            }
        }
    }
}
