/// One of the connections that a client keeps, so that short commands never wait behind long ones.
///
/// Every lane pipelines all its callers over one connection, opened at the lane's first use.
public enum RedisLane: String, Sendable, CaseIterable {
    /// Leases and other short scripts.
    case session
    /// Large values and long replies.
    case bulk
    /// Commands that block inside Redis, such as BLPOP: one at a time, since the next waits for the one before.
    case blocking
}
