public import HoldfastStorage

/// Which servers to list, and in which order.
///
/// ```swift
/// var query = ServerQuery(room: 4)
/// query.conditions = [.init("mode", equals: "ranked"), .init("custom.region", equals: "eu")]
/// query.order = .leastRoom  // fill servers up
/// let servers = try await coordinator.servers(matching: query)
/// ```
public struct ServerQuery: Sendable, Equatable {
    /// A value that a server's status must have at a place.
    public struct Condition: Sendable, Equatable {
        /// From the root of the status to the place; digits name array positions where the status has an array.
        public let path: [String]
        /// What must be there; numbers compare by value, texts by bytes.
        public let value: JSONValue

        /// Splits the path at dots: `custom.region`.
        public init(_ path: String, equals value: JSONValue) {
            self.init(
                path: path.split(separator: ".", omittingEmptySubsequences: false).map(String.init), equals: value)
        }

        /// Takes the components of a path as they are, dots included.
        public init(path: [String], equals value: JSONValue) {
            self.path = path
            self.value = value
        }
    }

    /// What comes first; equal ones are in the order of their ids' bytes.
    public enum Order: String, Sendable, CaseIterable {
        /// By the bytes of the id.
        case id
        /// Servers that fill up first; those that do not tell their room last.
        case leastRoom
        /// The emptiest servers first; those that do not tell their room last.
        case mostRoom
        /// The most players first; those that do not tell their players last.
        case mostPlayers
    }

    /// How many players must fit; from 1 on, servers that do not tell their room are left out.
    public var room: Int
    /// All of them must hold.
    public var conditions: [Condition]
    /// Whether servers that are draining, which take no new players, are listed as well.
    public var includesDraining: Bool
    /// What comes first.
    public var order: Order
    /// The most servers to return; nil for all.
    public var limit: Int?

    /// Asks for all servers that are not draining and have `room`.
    public init(
        room: Int = 0, conditions: [Condition] = [], includesDraining: Bool = false, order: Order = .id,
        limit: Int? = nil
    ) {
        self.room = room
        self.conditions = conditions
        self.includesDraining = includesDraining
        self.order = order
        self.limit = limit
    }

    /// Whether a server is asked for.
    public func matches(_ server: ServerListing) -> Bool {
        if server.beat.draining, !includesDraining { return false }
        if room > 0, server.status.room ?? 0 < room { return false }
        return conditions.allSatisfy { server.value(at: $0.path) == $0.value }
    }

    /// Picks, orders and cuts.
    public func apply(to beats: [ServerBeat]) -> [ServerListing] {
        let matching = beats.map { ServerListing($0) }.filter { matches($0) }
            .sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
        let ordered =
            switch order {
            case .id: matching
            case .leastRoom: Self.sorted(matching) { $0.status.room }
            case .mostRoom: Self.sorted(matching) { $0.status.room.map { -$0 } }
            case .mostPlayers: Self.sorted(matching) { $0.status.players.map { -max($0, 0) } }
            }
        return limit.map { Array(ordered.prefix(max($0, 0))) } ?? ordered
    }

    /// By a number, the smallest first, what has none last; equal ones stay in their order.
    private static func sorted(_ servers: [ServerListing], by number: (ServerListing) -> Int?) -> [ServerListing] {
        servers.map { ($0, number($0)) }
            .sorted { ($0.1 ?? .max) < ($1.1 ?? .max) }
            .map(\.0)
    }
}

extension CoordinationBackend {
    /// Lists the servers that a query asks for; fast, from what each said with its last beat.
    ///
    /// A server that died is listed until its beat ends, three seconds by default.
    public func servers(matching query: ServerQuery) async throws(CoordinationError) -> [ServerListing] {
        query.apply(to: try await servers())
    }
}
