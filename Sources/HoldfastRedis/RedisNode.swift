/// One server that holds a part of the keys, or all of them.
///
/// Get them from ``RedisClient/masters(timeout:)``.
public struct RedisNode: Sendable, Hashable {
    /// Where it is; nil for the one server of a topology that is not a cluster, wherever that is at the moment.
    public let address: RedisConfiguration.Address?
}

extension RedisNode: CustomStringConvertible {
    /// The address, or `redis`.
    public var description: String { address?.description ?? "redis" }
}
