public import HoldfastStorage

/// Which state of which publisher a replica has.
public struct ReplicaPosition: Sendable, Hashable {
    /// The publisher's name, fresh for each; revisions of two publishers have nothing to do with each other.
    public let stream: RandomID
    /// Counts the publisher's messages; 0 is the state that it began with.
    public let revision: Int64

    /// Joins a stream and a revision.
    public init(stream: RandomID, revision: Int64) {
        self.stream = stream
        self.revision = revision
    }

    /// Reads the members `stream` and `revision`; nil where they are missing or are none.
    init?(json: JSONValue) {
        guard let stream = json["stream"]?.string.flatMap({ RandomID(hex: $0) }),
            let revision = json["revision"]?.int64, revision >= 0
        else { return nil }
        self.init(stream: stream, revision: revision)
    }

    /// The members `stream` and `revision`, and perhaps one more.
    func json(adding name: String? = nil, _ value: JSONValue = .null) -> JSONValue {
        var json: JSONValue = ["stream": .string(stream.description), "revision": .integer(revision)]
        if let name { json[name] = value }
        return json
    }
}
