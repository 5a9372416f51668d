import NIOCore

/// The lanes to one server.
final class LaneSet: Sendable {
    let session: RedisConnection
    let bulk: RedisConnection
    let blocking: RedisConnection

    /// Makes the lanes on the event loops of their kind; `start` is asked for a connection at each one's first
    /// command.
    init(
        place: String, configuration: RedisConfiguration, loops: Loops,
        start: @escaping @Sendable (RedisConnection) -> Void
    ) {
        func lane(_ lane: RedisLane, _ eventLoop: any EventLoop) -> RedisConnection {
            RedisConnection(
                name: lane.rawValue, place: place, configuration: configuration, eventLoop: eventLoop, start: start)
        }
        session = lane(.session, loops.session)
        bulk = lane(.bulk, loops.bulk)
        blocking = lane(.blocking, loops.blocking)
    }

    /// The event loop of each lane, the same for every server.
    struct Loops: Sendable {
        let session: any EventLoop
        let bulk: any EventLoop
        let blocking: any EventLoop

        init(_ group: any EventLoopGroup) {
            session = group.next()
            bulk = group.next()
            blocking = group.next()
        }
    }

    subscript(lane: RedisLane) -> RedisConnection {
        switch lane {
        case .session: session
        case .bulk: bulk
        case .blocking: blocking
        }
    }

    var all: [RedisConnection] { [session, bulk, blocking] }
}
