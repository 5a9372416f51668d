import HoldfastRedis
import HoldfastStorage

/// Builds the names of every key that coordination keeps in Redis.
///
/// All begin with `hf1:<deployment>:`, where 1 is the version of this layout. All keys of one record share
/// the hash tag `{<collection>:<key>}`, so that one script may use them on a cluster. User bytes are
/// percent-encoded first.
struct RedisKeys: Sendable {
    private let prefix: String
    private let recordPrefix: [UInt8]

    /// Builds the names of one deployment.
    init(deployment: String) {
        self.prefix = "hf1:\(Self.encoded(deployment)):"
        self.recordPrefix = Array("\(prefix){".utf8)
    }

    /// Hash: nonce, server, boot, token, since, wanted_by, wanted_nonce.
    ///
    /// Expires with the lease.
    func lease(_ id: RecordID) -> [UInt8] { record(id, "lease") }

    /// Matches the lease of every record, for SCAN.
    var leasePattern: String { "\(prefix){*}:lease" }

    /// The record whose lease has this name; nil for any other key.
    func record(ofLease name: [UInt8]) -> RecordID? {
        let before = Array("\(prefix){".utf8)
        let after = Array("}:lease".utf8)
        guard name.starts(with: before), name.count > before.count + after.count, name.suffix(after.count) == after[...]
        else { return nil }
        let tag = name[before.count..<(name.count - after.count)]
        guard let colon = tag.firstIndex(of: UInt8(ascii: ":")),
            let collection = try? CollectionName(String(decoding: tag[..<colon], as: UTF8.self)),
            let key = PercentEncoding.decode(tag[(colon + 1)...]).flatMap({ try? Key(bytes: $0) })
        else { return nil }
        return RecordID(collection: collection, key: key)
    }

    /// Number: the last token minted.
    ///
    /// Expires long after its last use.
    func token(_ id: RecordID) -> [UInt8] { record(id, "token") }

    /// Hash: version, save_id, checksum, document_bytes, payload of the last committed save; seen: when it was that,
    /// and what readers without a lease have to know.
    func hot(_ id: RecordID) -> [UInt8] { record(id, "hot") }

    /// Text: the server that waited when this claim was released.
    ///
    /// Lives for seconds.
    func released(_ claim: LeaseClaim) -> [UInt8] { record(claim.id, "released:\(claim.nonce)") }

    /// Hash: the last beat of one server.
    ///
    /// Expires with the beat.
    func beat(_ server: String) -> [UInt8] { Array("\(prefix){servers}:beat:\(Self.encoded(server))".utf8) }

    /// Sorted set: server ids by the time at which their beats end.
    var serverIndex: [UInt8] { Array("\(prefix){servers}:index".utf8) }

    /// List: messages to one server.
    func inbox(_ server: String) -> [UInt8] { Array("\(prefix){inbox:\(Self.encoded(server))}".utf8) }

    /// Sixteen bytes: the id that store and Redis of one deployment share.
    var deployment: [UInt8] { Array("\(prefix){deployment}".utf8) }

    /// Built for every lease of every renewal, so without detours through text.
    private func record(_ id: RecordID, _ part: String) -> [UInt8] {
        var name: [UInt8] = []
        name.reserveCapacity(recordPrefix.count + CollectionName.maximumLength + id.key.bytes.count + 16)
        name += recordPrefix
        name += id.collection.description.utf8
        name.append(UInt8(ascii: ":"))
        PercentEncoding.append(id.key.bytes, to: &name)
        name.append(UInt8(ascii: "}"))
        name.append(UInt8(ascii: ":"))
        name += part.utf8
        return name
    }

    private static func encoded(_ text: String) -> String {
        String(decoding: PercentEncoding.encode(text.utf8), as: UTF8.self)
    }
}
