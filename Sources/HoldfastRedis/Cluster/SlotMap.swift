/// Which node of a cluster serves which slot, as far as this client knows.
///
/// Pure. It may be out of date at any time; the nodes say so.
struct SlotMap: Sendable, Equatable {
    typealias Address = RedisConfiguration.Address

    /// Stands in ``owners`` for a slot that nobody serves.
    private static let nobody = UInt16.max

    /// Index into `addresses` of each slot's owner; empty while nothing is known.
    private var owners: [UInt16] = []
    private var addresses: [Address] = []
    /// The nodes that serve slots, or did when the map was made.
    private(set) var masters: Set<Address> = []
    /// Nodes that copy a master, from which a map can be had too.
    private(set) var replicas: Set<Address> = []

    /// Knows nothing.
    init() {}

    /// Reads a reply to CLUSTER SLOTS.
    ///
    /// A node that does not know its own host, or may not tell it, is at the host that was asked.
    ///
    /// - Throws: ``RedisError`` with `protocolViolation`.
    init(_ reply: RedisValue, askedAt asked: Address) throws(RedisError) {
        owners = Array(repeating: Self.nobody, count: HashSlot.count)
        for range in try reply.decodeArray("CLUSTER SLOTS") {
            let parts = try range.decodeArray("a range of slots", minimum: 3)
            guard let first = parts[0].integer, let last = parts[1].integer, (0..<HashSlot.count).contains(Int(last)),
                (0...last).contains(first)
            else { throw RedisError(.protocolViolation, "CLUSTER SLOTS names a range that cannot be") }
            let owner = index(of: try Self.address(parts[2], asked))
            for slot in Int(first)...Int(last) { owners[slot] = owner }
            for replica in parts.dropFirst(3) { replicas.insert(try Self.address(replica, asked)) }
        }
        masters = Set(addresses)
        replicas.subtract(masters)
    }

    /// Whether nothing is known yet.
    var isEmpty: Bool { owners.isEmpty }

    /// The node that serves a slot; nil when nobody is known to.
    func owner(of slot: Int) -> Address? {
        guard !owners.isEmpty, owners[slot] != Self.nobody else { return nil }
        return addresses[Int(owners[slot])]
    }

    /// Learns from a redirection that a node serves a slot.
    mutating func learn(_ slot: Int, at address: Address) {
        guard !owners.isEmpty else { return }
        owners[slot] = index(of: address)
        masters.insert(address)
        replicas.remove(address)
    }

    private mutating func index(of address: Address) -> UInt16 {
        if let known = addresses.firstIndex(of: address) { return UInt16(known) }
        addresses.append(address)
        return UInt16(addresses.count - 1)
    }

    private static func address(_ node: RedisValue, _ asked: Address) throws(RedisError) -> Address {
        let parts = try node.decodeArray("a node", minimum: 2)
        guard let port = parts[1].integer, let address = Address(host: parts[0].string, port: port, askedAt: asked)
        else { throw RedisError(.protocolViolation, "CLUSTER SLOTS names a port that cannot be") }
        return address
    }
}

extension RedisConfiguration.Address {
    /// An address as a node tells it: without a host, or with `?` for one, it means its own host.
    init?(host: String?, port: Int64, askedAt asked: Self) {
        guard (1...65_535).contains(port) else { return nil }
        if let host, !host.isEmpty, host != "?" {
            self = .tcp(host: host, port: Int(port))
        } else if case .tcp(let host, _) = asked {
            self = .tcp(host: host, port: Int(port))
        } else {
            // Asked over a socket of this machine.
            self = .tcp(host: "127.0.0.1", port: Int(port))
        }
    }
}
