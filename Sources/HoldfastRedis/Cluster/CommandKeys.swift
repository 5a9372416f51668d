/// Where in a cluster a command belongs: the keys of each command that Redis 7.0 knows, as far as their places follow
/// a rule.
///
/// A command that is not named here is taken to have one key, its first argument; a cluster itself refuses whatever
/// that misjudges.
enum CommandKeys {
    /// Where a command has to go.
    enum Route: Equatable {
        /// To the node that serves this slot.
        case slot(Int)
        /// To any node: all answer alike, or the caller does not care.
        case anyNode
    }

    /// Where in the arguments the keys stand; the command's name is argument 0.
    private enum Rule {
        case none
        /// About one node, or one node's part of the keys: whoever wants it says which node.
        case oneNode
        case first
        case firstTwo
        case second
        case allFrom(Int)
        case allButLast
        case everyOther
        /// A number of keys stands there, the keys follow; the argument before it may be one as well.
        case counted(at: Int, alsoFirst: Bool = false)
        case streams
    }

    /// Finds the route of a command.
    ///
    /// - Throws: ``RedisError`` with `crossSlot` where the keys have different slots, `badInput` for a command that is
    ///   about one node only.
    static func route(_ arguments: [RedisArgument]) throws(RedisError) -> Route {
        let name = arguments.first?.text.uppercased() ?? ""
        let positions = try positions(name, arguments)
        var slot: Int?
        for position in positions where position < arguments.count {
            let found = HashSlot.of(arguments[position].wireBytes)
            if let slot, slot != found { throw crossSlot }
            slot = found
        }
        return slot.map { .slot($0) } ?? .anyNode
    }

    /// Finds the route of a script.
    ///
    /// - Throws: ``RedisError`` with `crossSlot`.
    static func route(keys: [[UInt8]]) throws(RedisError) -> Route {
        guard let first = keys.first else { return .anyNode }
        let slot = HashSlot.of(first)
        for key in keys.dropFirst() where HashSlot.of(key) != slot { throw crossSlot }
        return .slot(slot)
    }

    private static var crossSlot: RedisError {
        RedisError(
            .crossSlot, "the keys of one command belong to different slots of the cluster; give them one hash tag")
    }

    private static func positions(_ name: String, _ arguments: [RedisArgument]) throws(RedisError) -> [Int] {
        let count = arguments.count
        switch rules[name] ?? .first {
        case .none: return []
        case .oneNode:
            throw RedisError(
                .badInput, "\(name) is about one node of the cluster: send it by command(_:on:) to each of masters()")
        case .first: return [1]
        case .firstTwo: return [1, 2]
        case .second: return [2]
        case .allFrom(let start): return Array(min(start, count)..<count)
        case .allButLast: return Array(min(1, count)..<max(1, count - 1))
        case .everyOther: return Array(stride(from: 1, to: count, by: 2))
        case .counted(let place, let alsoFirst):
            guard place < count, let keys = Int(arguments[place].text), keys >= 0, keys < count - place else {
                throw RedisError(.badInput, "\(name) needs a number of keys, and as many keys")
            }
            return (alsoFirst ? [1] : []) + Array(place + 1..<place + 1 + keys)
        case .streams:
            guard let word = arguments.firstIndex(where: { $0.text.uppercased() == "STREAMS" }) else { return [] }
            return Array(word + 1..<word + 1 + (count - word - 1) / 2)
        }
    }

    private static let rules: [String: Rule] = {
        var rules: [String: Rule] = [:]
        func add(_ rule: Rule, _ names: String) {
            for name in names.split(separator: " ") { rules[String(name)] = rule }
        }
        add(.none, "PING ECHO TIME INFO ROLE LASTSAVE PUBLISH CLUSTER COMMAND PUBSUB")
        add(
            .oneNode,
            """
            SCAN KEYS DBSIZE RANDOMKEY FLUSHALL FLUSHDB CONFIG SCRIPT FUNCTION SLOWLOG LATENCY ACL CLIENT DEBUG SAVE \
            BGSAVE BGREWRITEAOF SHUTDOWN REPLICAOF FAILOVER WAIT MODULE
            """)
        add(.firstTwo, "RENAME RENAMENX LMOVE BLMOVE RPOPLPUSH BRPOPLPUSH SMOVE COPY ZRANGESTORE GEOSEARCHSTORE LCS")
        add(.second, "OBJECT MEMORY XINFO XGROUP")
        add(
            .allFrom(1),
            """
            DEL UNLINK EXISTS TOUCH MGET SINTER SUNION SDIFF SINTERSTORE SUNIONSTORE SDIFFSTORE PFCOUNT PFMERGE
            """)
        add(.allFrom(2), "BITOP")
        add(.allButLast, "BLPOP BRPOP BZPOPMIN BZPOPMAX")
        add(.everyOther, "MSET MSETNX")
        add(.counted(at: 1), "LMPOP ZMPOP SINTERCARD ZINTERCARD ZUNION ZINTER ZDIFF")
        add(.counted(at: 2), "EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO BLMPOP BZMPOP")
        add(.counted(at: 2, alsoFirst: true), "ZUNIONSTORE ZINTERSTORE ZDIFFSTORE")
        add(.streams, "XREAD XREADGROUP")
        return rules
    }()
}

extension RedisArgument {
    /// What goes over the wire.
    fileprivate var wireBytes: [UInt8] {
        switch self {
        case .bytes(let bytes): bytes
        case .string(let text): Array(text.utf8)
        case .integer(let number): Array(String(number).utf8)
        }
    }

    /// The argument as text, for names and numbers.
    fileprivate var text: String {
        switch self {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .string(let text): text
        case .integer(let number): String(number)
        }
    }
}
