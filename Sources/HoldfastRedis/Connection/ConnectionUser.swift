import NIOCore

/// What a connection serves: a lane's commands, or the subscriptions.
///
/// Except for ``failed(_:)`` and ``isRetired`` everything is called on ``eventLoop``.
protocol ConnectionUser: AnyObject, Sendable {
    /// Names the connection in logs, metrics and CLIENT LIST.
    var name: String { get }
    /// Whether it needs no connection any more, ever.
    var isRetired: Bool { get }
    /// The loop that all its connections live on.
    var eventLoop: any EventLoop { get }

    /// A connection is ready for commands.
    func opened(_ channel: any Channel, server: RedisServer)
    /// Bytes came in and completed these replies, perhaps none.
    func received(_ replies: [RedisValue]) throws(RedisError)
    /// The socket takes bytes again.
    func becameWritable()
    /// The connection that was opened last is gone.
    func closed(_ reason: RedisError)
    /// An attempt to connect failed.
    func failed(_ reason: RedisError)
}
