import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import Logging
import ServiceLifecycle
import Synchronization

/// The game of one demo server: opens the players it is told to, plays for them, and reports.
///
/// Ends with its orders or a graceful shutdown and leaves open sessions to the coordinator's drain.
final class DemoServer: Service {
    private static let countEvery: Duration = .milliseconds(200)
    private static let openTimeout: Duration = .seconds(20)
    /// An explicit save comes with every third step of play.
    private static let stepsPerSave = 3.0
    private static let tradeChance = 0.04
    private static let scoreChance = 0.1

    private let coordinator: Coordinator
    private let players: ProfileCollection<DemoPlayer>
    private let orders: AsyncStream<ServerOrder>
    private let reports: ReportWriter
    private let scorer: DemoScorer
    private let channel: DemoChannel
    private let worlds: DemoWorlds
    private let errands: DemoErrands
    private let trades: TradeBook
    private let journal: DemoJournal
    private let counters: DemoCounters
    private let logger: Logger
    private let seats = PlayerSeats()
    private let savesPerPlayer = Mutex(2.0)

    init(
        coordinator: Coordinator, players: ProfileCollection<DemoPlayer>, orders: AsyncStream<ServerOrder>,
        reports: ReportWriter, scorer: DemoScorer, channel: DemoChannel, worlds: DemoWorlds, trades: TradeBook,
        journal: DemoJournal, counters: DemoCounters, logger: Logger
    ) {
        self.coordinator = coordinator
        self.players = players
        self.orders = orders
        self.reports = reports
        self.scorer = scorer
        self.channel = channel
        self.worlds = worlds
        errands = DemoErrands(
            coordinator: coordinator, players: players, journal: journal, counters: counters, logger: logger)
        self.trades = trades
        self.journal = journal
        self.counters = counters
        self.logger = logger
    }

    func run() async throws {
        try await coordinator.waitUntilReady(timeout: .seconds(25))
        try await scorer.open()
        reports.send(.up(boot: "\(coordinator.identity.boot)"))
        await withDiscardingTaskGroup { group in
            group.addTask { await self.reportCounts() }
            group.addTask { await self.channel.hear() }
            group.addTask { await self.channel.announce() }
            for await order in orders.cancelOnGracefulShutdown() {
                group.addTask { await self.carryOut(order) }
            }
            await channel.part()
            group.cancelAll()
        }
    }

    /// Sends what was counted since the last report; once more at the very end.
    func reportCountsNow() {
        var counts = counters.take()
        let sessions = coordinator.sessions()
        counts.sessions = sessions.count
        counts.doubtful = sessions.count { $0.state == .doubtful }
        reports.send(.counts(counts))
        reports.send(.shared(counters.shared))
        try? coordinator.setStatus(ServerStatus(players: counts.sessions, map: "demo"))
    }

    private func reportCounts() async {
        while (try? await Task.sleep(for: Self.countEvery)) != nil { reportCountsNow() }
    }

    // MARK: - Orders

    private func carryOut(_ order: ServerOrder) async {
        switch order {
        case .open(let player, let ticket): await open(player, ticket)
        case .prepare(let player, let ticket): prepare(player, ticket)
        case .resume(_, let ticket): seats.seat(ticket)?.prepare(false)
        case .leave(let player, let ticket): await leave(player, ticket)
        case .deliver(let player, let id, let coins): await deliver(player, id, coins)
        case .errand(let errand): await errands.carryOut(errand)
        case .pace(let pace): savesPerPlayer.withLock { $0 = max(pace, 0.05) }
        }
    }

    private func open(_ player: String, _ ticket: Int) async {
        // Back on a server that has not noticed yet that it lost the player: that stay ends first.
        for seat in seats.others(of: player, besides: ticket) {
            seat.stop()
            seats.remove(seat.ticket)
            try? await seat.session.close()
        }
        let began = ContinuousClock.now
        do {
            let session = try await players.open(try Key(player), timeout: Self.openTimeout)
            let took = ContinuousClock.now - began
            let seat = PlayerSeat(player: player, ticket: ticket, session: session)
            seats.add(seat)
            let way = JournalObserver.way(session.opening.origin)
            reports.send(.joined(player: player, ticket: ticket, way: way, openMillis: took.fractionalMillis))
            async let living: Void = worlds.live(with: seat)
            await play(seat)
            if seats.seat(ticket) != nil, session.isEnded, let end = await session.waitUntilEnded() {
                seats.remove(ticket)
                reports.send(.ended(player: player, ticket: ticket, why: JournalObserver.words(end)))
            }
            await living
        } catch {
            guard !Task.isCancelled else { return }
            reports.send(.openFailed(player: player, ticket: ticket, why: "\(error)"))
        }
    }

    private func prepare(_ player: String, _ ticket: Int) {
        guard let seat = seats.seat(ticket), !seat.isStopped else { return }
        seat.prepare(true)
        var generator = SystemRandomNumberGenerator()
        guard edit(seat, using: &generator) else { return seat.prepare(false) }
        reports.send(.ready(player: player, ticket: ticket))
    }

    private func leave(_ player: String, _ ticket: Int) async {
        guard let seat = seats.seat(ticket) else { return reports.send(.left(player: player, ticket: ticket)) }
        seat.stop()
        seats.remove(ticket)
        do {
            try await seat.session.close()
            reports.send(.left(player: player, ticket: ticket))
        } catch {
            reports.send(.ended(player: player, ticket: ticket, why: "\(error)"))
        }
    }

    private func deliver(_ player: String, _ id: String, _ coins: Int) async {
        do {
            let outcome = try await players.deliver(DemoReward(coins: coins), to: try Key(player), id: id)
            switch outcome {
            case .delivered, .duplicate:
                journal.write(
                    "delivered", [("key", .string(player)), ("id", .string(id)), ("amount", .integer(Int64(coins)))])
                reports.send(.delivered(player: player, id: id, fresh: outcome == .delivered))
            case .conflict, .full:
                reports.send(.deliverFailed(player: player, id: id, why: "\(outcome)"))
            }
        } catch {
            guard !Task.isCancelled else { return }
            reports.send(.deliverFailed(player: player, id: id, why: "\(error)"))
        }
    }

    // MARK: - Play

    /// Many small edits, a save now and then, sometimes a score or a trade, until the stay is over.
    private func play(_ seat: PlayerSeat) async {
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled, !seat.isStopped {
            for _ in 0..<Int.random(in: 1...3, using: &generator) { edit(seat, using: &generator) }
            if !seat.isPreparing {
                let draw = Double.random(in: 0..<1, using: &generator) - 1 / Self.stepsPerSave
                if draw < 0 {
                    await save(seat)
                } else if draw < Self.tradeChance {
                    await trade(seat, using: &generator)
                } else if draw < Self.tradeChance + Self.scoreChance {
                    await score(seat, using: &generator)
                }
            }
            let step = 1 / (savesPerPlayer.withLock { $0 } * Self.stepsPerSave)
            try? await Task.sleep(for: .seconds(step * Double.random(in: 0.5..<1.5, using: &generator)))
        }
    }

    @discardableResult
    private func edit(_ seat: PlayerSeat, using generator: inout some RandomNumberGenerator) -> Bool {
        do {
            try seat.session.edit { $0.play(using: &generator) }
            counters.update { $0.edits += 1 }
            return true
        } catch {
            return false  // Busy with a trade, or over: the loop sees to it.
        }
    }

    private func save(_ seat: PlayerSeat) async {
        let began = ContinuousClock.now
        do {
            try await seat.session.save()
            let micros = Int((ContinuousClock.now - began).fractionalMillis * 1_000)
            counters.update { $0.saveMicros.append(micros) }
        } catch {
            // The change stays in memory and is saved later, or the session is over and says so.
            logger.debug(
                "a save failed", metadata: ["holdfast.player": "\(seat.player)", "holdfast.error": "\(error)"])
        }
    }

    private func score(_ seat: PlayerSeat, using generator: inout some RandomNumberGenerator) async {
        guard let player = try? Key(seat.player) else { return }
        if Bool.random(using: &generator) {
            await scorer.submit(seat.session.document.earned, for: player, to: .best)
        } else {
            await scorer.submit(Int.random(in: 1...9, using: &generator), for: player, to: .sum)
        }
    }

    private func trade(_ seat: PlayerSeat, using generator: inout some RandomNumberGenerator) async {
        guard let partner = seats.partner(for: seat, using: &generator) else { return }
        let amount = Int.random(in: 1...20, using: &generator)
        do {
            let (_, receipts) = try await coordinator.transaction(seat.session, partner.session) { giver, taker in
                try giver.pay(amount)
                try taker.pay(-amount)
            }
            trades.write(amount, from: (seat.player, receipts[0]), to: (partner.player, receipts[1]))
        } catch {
            logger.debug(
                "a trade failed", metadata: ["holdfast.player": "\(seat.player)", "holdfast.error": "\(error)"])
        }
    }
}
