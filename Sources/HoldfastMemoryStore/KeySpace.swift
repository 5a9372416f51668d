import HoldfastRedis

/// Names every Redis key and channel of the memory structures of one deployment.
///
/// A name is `hf1:<deployment>:{#<area>:<name>}:<part>`. All keys of one structure share the hash tag in braces, so
/// that one script may use them on a cluster; no record's tag starts with `#`. User bytes are percent-encoded first.
struct KeySpace: Sendable {
    private let prefix: String

    /// Builds the names of one deployment.
    init(deployment: String) {
        prefix = "hf1:\(Self.encoded(deployment.utf8)):"
    }

    /// The keys of one structure, or of one shard of it.
    func keys(_ area: String, _ name: String, shard: Int? = nil) -> Keys {
        Keys(base: "\(prefix){#\(area):\(Self.encoded(name.utf8))\(shard.map { "/\($0)" } ?? "")}:")
    }

    /// Sixteen bytes: the id that store and Redis of one deployment share.
    var deployment: [UInt8] { Array("\(prefix){deployment}".utf8) }

    /// The key names of one structure.
    struct Keys: Sendable {
        let base: String

        /// The key of one part, `items` for example.
        subscript(part: String) -> [UInt8] { Array((base + part).utf8) }

        /// The Pub/Sub channel that hints at changes.
        var hints: String { base + "hint" }
    }

    private static func encoded(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: PercentEncoding.encode(bytes), as: UTF8.self)
    }
}
