import DequeModule
import HoldfastStorage
import Logging

/// Reads the logs for one subscriber, a page at a time, until it has caught up with the channel's reader.
struct AnnouncementSearch: Sendable {
    private let channel: AnnouncementChannel
    private var durable: AnnouncementFollower
    private var fast: AnnouncementFollower
    private var found: Deque<AnnouncementOccurrence> = []
    private var pause: Duration = Self.shortestPause

    private static let shortestPause: Duration = .milliseconds(50)
    private static let longestPause: Duration = .seconds(2)

    init(_ channel: AnnouncementChannel, from cursor: AnnouncementCursor) {
        self.channel = channel
        let hasStore = channel.logs.context.durable != nil
        durable = AnnouncementFollower(.durable, at: cursor.durable, hasStore: hasStore)
        fast = AnnouncementFollower(.fast, at: cursor.fast, hasStore: false)
    }

    /// Where it stands behind everything that ``next()`` has given.
    var cursor: AnnouncementCursor { AnnouncementCursor(durable: durable.position, fast: fast.position) }

    /// Takes what was found.
    mutating func next() -> AnnouncementOccurrence? { found.popFirst() }

    /// Reads a page of each log; where there is nothing, waits for the channel's reader to come along.
    ///
    /// Failures only cost time.
    mutating func read() async {
        do throws(MemoryStoreError) {
            var (old, isOver) = try await Self.read(channel, &durable)
            let (new, isOverToo) = try await Self.read(channel, &fast)
            isOver = isOver && isOverToo
            found.append(contentsOf: Self.merged(old, new))
            pause = Self.shortestPause
            if isOver, found.isEmpty, channel.place(of: cursor) == nil { await channel.look() }
        } catch {
            channel.logs.context.logger.debug(
                "a subscriber could not read its channel",
                metadata: ["holdfast.channel": "\(channel.name)", "holdfast.error": "\(error)"])
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private static func read(
        _ channel: AnnouncementChannel, _ follower: inout AnnouncementFollower
    ) async throws(MemoryStoreError) -> (found: [AnnouncementOccurrence], isOver: Bool) {
        let asked = follower.position
        let reply = try await channel.logs.read(follower.flavor, after: asked)
        let (occurrences, next) = follower.take(reply, from: asked)
        switch next {
        case .wait: return (occurrences, true)
        case .readAgain: return (occurrences, false)
        case .compare:
            let end = try await channel.compare(from: reply.log?.end)
            return (occurrences + follower.compared(with: end), reply.log?.finding == .continues)
        }
    }

    /// Both in their own order, the earlier published first where that tells.
    private static func merged(
        _ left: [AnnouncementOccurrence], _ right: [AnnouncementOccurrence]
    ) -> [AnnouncementOccurrence] {
        var (left, right) = (left[...], right[...])
        var merged: [AnnouncementOccurrence] = []
        while let first = left.first, let second = right.first {
            merged.append(second.publishedAt < first.publishedAt ? right.removeFirst() : left.removeFirst())
        }
        return merged + left + right
    }
}

extension AnnouncementOccurrence {
    /// A gap comes at once.
    fileprivate var publishedAt: Int64 {
        if case .entry(let entry) = kind { entry.publishedAtMillis } else { 0 }
    }
}
