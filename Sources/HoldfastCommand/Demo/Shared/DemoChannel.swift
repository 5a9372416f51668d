import HoldfastMemoryStore
import HoldfastStorage
import Logging
import Synchronization

/// A server's part on the run's channel: it announces something durable now and then, and journals all that it hears.
///
/// The process that replaces a server goes on where the one before left off.
final class DemoChannel: Sendable {
    /// Longer than any run, and than a kept run waits for another judgement.
    private static let life: Duration = .seconds(30 * 86_400)
    /// How long a server that stops waits for what was announced before.
    private static let patience: Duration = .seconds(8)

    private let channel: Announcements<DemoNews>
    private let server: String
    private let reader: String
    private let cursors: CursorFile
    private let journal: DemoJournal
    private let counters: DemoCounters
    private let logger: Logger
    /// The last durable announcement that was journaled.
    private let reached = Mutex<Int64>(0)

    /// - Parameter server: The server id, as `s2.3` for the third process of `s2`.
    init(
        memory: MemoryStore, name: String, server: String, folder: String, journal: DemoJournal,
        counters: DemoCounters, logger: Logger
    ) throws {
        channel = try memory.announcements(name, of: DemoNews.self)
        self.server = server
        reader = String(server.prefix { $0 != "." })
        cursors = CursorFile(folder: folder, reader: reader)
        self.journal = journal
        self.counters = counters
        self.logger = logger
    }

    // MARK: - Announcing

    /// Announces about once a second until cancelled.
    func announce() async {
        var number = 0
        while (try? await Task.sleep(for: .milliseconds(Int.random(in: 500...1_500)))) != nil {
            number += 1
            await publish(DemoNews(server: server, text: "news \(number) of \(server)"))
        }
    }

    private func publish(_ news: DemoNews) async {
        let id = RandomID.random()
        journal.write("announcing", [("id", "\(id)")])
        do throws(MemoryStoreError) {
            let receipt = try await channel.publish(news, expiresAfter: Self.life, id: id)
            journal.write("announced", [("id", "\(id)"), ("sequence", .integer(receipt.sequence))])
            counters.updateShared { $0.announcements += 1 }
        } catch {
            if error.hasNoEffect { journal.write("unannounced", [("id", "\(id)")]) }
        }
    }

    // MARK: - Hearing

    /// Subscribes behind the last announcement that this server has journaled, and listens until cancelled.
    func hear() async {
        while !Task.isCancelled {
            do throws(MemoryStoreError) {
                let subscription = try await channel.subscribe(from: cursors.read().map { .after($0) } ?? .now)
                return await listen(subscription)
            } catch {
                logger.debug("no channel to hear yet", metadata: ["holdfast.error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func listen(_ subscription: AnnouncementSubscription<DemoNews>) async {
        var events = subscription.makeAsyncIterator()
        let start = events.cursor.durable?.sequence ?? 0
        // First: the process that replaces this one must go on from what the journal says.
        cursors.write(events.cursor)
        journal.write("listening", [("reader", .string(reader)), ("after", .integer(start))])
        reached.withLock { $0 = start }
        while let event = await events.next() {
            note(event)
            cursors.write(events.cursor)
            let sequence = events.cursor.durable?.sequence ?? 0
            reached.withLock { $0 = sequence }
        }
    }

    private func note(_ event: AnnouncementEvent<DemoNews>) {
        switch event {
        case .message(let announcement):
            journal.write(
                "heard", [("sequence", .integer(announcement.sequence)), ("id", "\(announcement.id)")])
            counters.updateShared { $0.heard += 1 }
        case .gap(let gap):
            guard gap.flavor == .durable else { return }
            // Without an end it says that the store lost the log, which excuses nothing.
            journal.write("missed", [("from", .integer(gap.from))] + (gap.to.map { [("to", .integer($0))] } ?? []))
        case .unreadable(_, let sequence, _):
            journal.write("missed", [("from", .integer(sequence)), ("to", .integer(sequence))])
        }
    }

    // MARK: - Parting

    /// Says that the server stops, and waits until it has heard what was announced before.
    func part() async {
        journal.write("parting")
        let deadline = ContinuousClock.now + Self.patience
        var last: Int64?
        while .now < deadline, !Task.isCancelled, last.map({ reached.withLock { $0 } < $0 }) ?? true {
            if last == nil, let end = try? await channel.subscribe() {
                last = end.makeAsyncIterator().cursor.durable?.sequence ?? 0
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
