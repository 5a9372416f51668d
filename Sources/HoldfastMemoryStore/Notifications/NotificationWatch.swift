import DequeModule
import HoldfastRedis
import HoldfastStorage
import Logging

/// A player's notifications, those that are there and those that come.
public struct NotificationWatch<Note: Codable & Sendable>: AsyncSequence, Sendable {
    /// What a reader gets.
    public typealias Element = Notification<Note>
    /// It never throws.
    public typealias Failure = Never

    let notifications: Notifications<Note>
    let player: String
    let start: NotificationCursor?

    /// Makes a reader.
    public func makeAsyncIterator() -> Iterator {
        Iterator(self)
    }

    /// Reads the notifications in order.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        private let source: NotificationWatch
        private let hints: RedisSubscription
        private var cursor: NotificationCursor?
        private var found: Deque<Notification<Note>> = []
        private var hasLooked = false

        fileprivate init(_ source: NotificationWatch) {
            self.source = source
            cursor = source.start
            hints = source.notifications.context.redis.subscribe(source.notifications.hints(source.player))
        }

        /// Waits for the next notification; nil when the task was cancelled.
        public mutating func next() async -> Notification<Note>? {
            while !Task.isCancelled {
                if let next = found.popFirst() {
                    cursor = next.cursor
                    return next
                }
                if hasLooked { _ = await hints.wait(atMost: .seconds(Int64.random(in: 20...40))) }
                hasLooked = true
                do throws(MemoryStoreError) {
                    found = Deque(try await source.notifications.list(source.player, after: cursor))
                } catch {
                    source.notifications.context.logger.debug(
                        "notifications could not be read", metadata: ["holdfast.error": "\(error)"])
                    try? await Task.sleep(for: .floor)
                    hasLooked = false
                }
            }
            return nil
        }

        /// The same.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(Never) -> Notification<Note>? {
            await next()
        }
    }
}
