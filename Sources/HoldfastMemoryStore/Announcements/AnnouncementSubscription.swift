import DequeModule
import HoldfastStorage
import Synchronization

/// What is announced on a channel, for one reader.
///
/// Each event comes once and in the order of its log. A reader may be as slow as it likes: what it has not taken is
/// read from the log again, until it gives way there or expires. The subscription ends when the reading task is
/// cancelled, when nobody holds it any more, or when the memory store ends. Outages of Redis do not end it.
public final class AnnouncementSubscription<Message: Codable & Sendable>: AsyncSequence, Sendable {
    /// What a reader gets.
    public typealias Element = AnnouncementEvent<Message>
    /// It never throws.
    public typealias Failure = Never

    private let channel: AnnouncementChannel
    private let start: AnnouncementCursor

    init(_ channel: AnnouncementChannel, from start: AnnouncementCursor) {
        self.channel = channel
        self.start = start
    }

    deinit {
        channel.detach()
    }

    /// Makes a reader from the beginning of the subscription on; each has its own place.
    public func makeAsyncIterator() -> Iterator {
        Iterator(subscription: self, channel: channel, cursor: start)
    }

    /// Reads the events in order.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        private let subscription: AnnouncementSubscription
        private let channel: AnnouncementChannel
        /// Where to go on after the last event: a later subscription may begin there.
        public private(set) var cursor: AnnouncementCursor
        /// In the channel's tail; nil while the reader has to read the logs itself.
        private var place: AnnouncementTail.Place?
        private var search: AnnouncementSearch

        fileprivate init(
            subscription: AnnouncementSubscription, channel: AnnouncementChannel, cursor: AnnouncementCursor
        ) {
            self.subscription = subscription
            self.channel = channel
            self.cursor = cursor
            search = AnnouncementSearch(channel, from: cursor)
        }

        /// Waits for the next event; nil when the memory store or the task has ended.
        public mutating func next() async -> AnnouncementEvent<Message>? {
            while !Task.isCancelled {
                guard var current = place else {
                    if let occurrence = search.next() { return event(occurrence) }
                    cursor = search.cursor
                    place = channel.place(of: cursor)
                    guard place == nil else { continue }
                    if channel.isEnded { return nil }
                    await search.read()
                    continue
                }
                let step = await channel.next(&current)
                place = current
                switch step {
                case .occurrence(let occurrence): return event(occurrence)
                case .behind:
                    place = nil
                    search = AnnouncementSearch(channel, from: cursor)
                case .ended: return nil
                }
            }
            return nil
        }

        /// The same.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(Never) -> AnnouncementEvent<Message>? {
            await next()
        }

        private mutating func event(_ occurrence: AnnouncementOccurrence) -> AnnouncementEvent<Message> {
            let flavor = occurrence.flavor
            cursor[flavor] = occurrence.position
            switch occurrence.kind {
            case .gap(let from, let to): return .gap(AnnouncementGap(flavor: flavor, from: from, to: to))
            case .entry(let entry):
                do throws(MemoryStoreError) {
                    let value = try ValueCoding.decode(Message.self, from: entry.value)
                    return .message(
                        Announcement(
                            flavor: flavor, sequence: entry.sequence, id: entry.id,
                            publishedAtMillis: entry.publishedAtMillis, expiresAtMillis: entry.expiresAtMillis,
                            value: value))
                } catch {
                    return .unreadable(flavor: flavor, sequence: entry.sequence, error)
                }
            }
        }
    }
}
