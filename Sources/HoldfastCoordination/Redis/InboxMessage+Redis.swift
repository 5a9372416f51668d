import HoldfastRedis
import HoldfastStorage

extension InboxMessage {
    /// The message as it waits in Redis: a word and its fields, percent-encoded, joined by colons.
    var redisBytes: [UInt8] {
        switch self {
        case .handOver(let id, let nonce, let server):
            Self.joined("hand-over", id, [Array(nonce.description.utf8), Array(server.utf8)])
        case .released(let id): Self.joined("released", id, [])
        case .operations(let id): Self.joined("operations", id, [])
        case .order(let order, let id, let request, let inbox):
            Self.joined(
                "order", id,
                [Array(order.rawValue.utf8), Array(request.description.utf8), Array(inbox.utf8)])
        case .answer(let id, let request, let document):
            Self.joined("answer", id, [Array(request.description.utf8), document])
        }
    }

    /// Reads a message; nil for a word or form that another build wrote.
    init?(redisBytes: [UInt8]) {
        let fields = redisBytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .compactMap { PercentEncoding.decode($0) }
        guard fields.count >= 3, let collection = String(validating: fields[1], as: UTF8.self),
            let collection = try? CollectionName(collection), let key = try? Key(bytes: fields[2])
        else { return nil }
        let id = RecordID(collection: collection, key: key)
        switch (String(decoding: fields[0], as: UTF8.self), fields.count) {
        case ("hand-over", 5):
            guard let nonce = RandomID(hex: String(decoding: fields[3], as: UTF8.self)),
                let server = String(validating: fields[4], as: UTF8.self)
            else { return nil }
            self = .handOver(id: id, nonce: nonce, to: server)
        case ("released", 3): self = .released(id: id)
        case ("operations", 3): self = .operations(id: id)
        case ("order", 6):
            guard let order = SessionOrder(rawValue: String(decoding: fields[3], as: UTF8.self)),
                let request = RandomID(hex: String(decoding: fields[4], as: UTF8.self)),
                let inbox = String(validating: fields[5], as: UTF8.self)
            else { return nil }
            self = .order(order, id: id, request: request, replyTo: inbox)
        case ("answer", 5):
            guard let request = RandomID(hex: String(decoding: fields[3], as: UTF8.self)) else { return nil }
            self = .answer(id: id, request: request, document: Array(fields[4]))
        default: return nil
        }
    }

    private static func joined(_ word: String, _ id: RecordID, _ rest: [[UInt8]]) -> [UInt8] {
        let fields = [Array(word.utf8), Array(id.collection.description.utf8), id.key.bytes] + rest
        return Array(fields.map { PercentEncoding.encode($0) }.joined(separator: [UInt8(ascii: ":")]))
    }
}
