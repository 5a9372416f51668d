import HoldfastRedis
public import HoldfastStorage
import Logging
public import ServiceLifecycle

/// Makes matches of the tickets in a pool, on whichever server has the duty.
///
/// Run one on every server, as a service: one of them matches at a time, and another takes over within seconds when
/// that one ends or dies. A dead matchmaker loses no ticket: tickets leave the pool in the step that matches them.
public struct Matchmaker: Service, Sendable {
    /// Adds to a match before it is made: picks a server, for example.
    ///
    /// It may be called for a match that is then not made, because a ticket was cancelled or expired meanwhile. What it
    /// throws is logged, and the tickets go on waiting.
    public typealias Assignment = @Sendable (TicketMatch) async throws -> JSONValue?

    /// The least time between two rounds, so that many new tickets share one.
    private static let pause: Duration = .milliseconds(50)

    private let pool: TicketPool
    private let rules: MatchRules
    private let interval: Duration
    private let assignment: Assignment?
    private let nonce = RandomID.random()
    private let metrics = MatchmakerMetrics()

    /// Joins a pool with its rules.
    ///
    /// - Parameters:
    ///   - pool: Where tickets wait.
    ///   - rules: Who may play together; the same on every server.
    ///   - interval: The time between two rounds while no ticket arrives, 50 ms to a minute: tolerances widen in these
    ///     steps.
    ///   - assignment: Adds to each match before it is made.
    /// - Throws: ``MemoryStoreError`` with code `badInput` for an interval outside its limits.
    public init(
        _ pool: TicketPool, rules: MatchRules, interval: Duration = .seconds(1), assignment: Assignment? = nil
    ) throws(MemoryStoreError) {
        guard interval >= Self.pause, interval <= .seconds(60) else {
            throw MemoryStoreError(.badInput, "a matchmaker's interval is 50 ms to a minute")
        }
        self.pool = pool
        self.rules = rules
        self.interval = interval
        self.assignment = assignment
    }

    /// Matches until a graceful shutdown begins or the task is cancelled.
    public func run() async {
        await cancelWhenGracefulShutdown {
            let hints = self.pool.context.redis.subscribe(self.pool.keys.hints)
            defer { hints.cancel() }
            while !Task.isCancelled {
                var isMine = false
                do throws(MemoryStoreError) {
                    isMine = try await self.pool.duty(self.nonce, life: self.dutyLife, takes: true)
                    if isMine { _ = try await self.round() }
                } catch {
                    self.pool.context.logger.debug("a round failed", metadata: ["holdfast.error": "\(error)"])
                }
                try? await Task.sleep(for: isMine ? Self.pause : self.interval)
                if isMine { await self.waitForTickets(hints) }
            }
        }
        // The task is cancelled, but the next matchmaker need not wait for the duty to expire.
        await Task { _ = try? await pool.duty(nonce, life: dutyLife, takes: false) }.value
    }

    private var dutyLife: Duration { max(interval * 3, .seconds(3)) }

    private func waitForTickets(_ hints: RedisSubscription) async {
        let end = ContinuousClock.now + interval
        while .now < end, !Task.isCancelled {
            switch await hints.wait(atMost: end - .now) {
            case .message(let bytes)? where bytes != [UInt8(ascii: "+")]: continue
            default: return
            }
        }
    }

    /// Looks at all tickets once and makes what matches there are; returns how many.
    func round() async throws(MemoryStoreError) -> Int {
        let waiting = try await pool.list()
        metrics.waiting.record(waiting.count)
        var made = 0
        for tickets in MatchFinder(waiting, rules: rules).matches() {
            if Task.isCancelled { break }
            var match = TicketMatch(id: "\(RandomID.random())", tickets: tickets.map(\.ticket), details: nil)
            do {
                match.details = try await assignment?(match)
            } catch {
                pool.context.logger.warning("a match was not assigned", metadata: ["holdfast.error": "\(error)"])
                continue
            }
            guard try await pool.match(match, tickets) else {
                metrics.missed.increment()
                continue
            }
            made += 1
            metrics.matched.increment(by: tickets.count)
            for ticket in tickets { metrics.waitSeconds.record(ticket.waited / .seconds(1)) }
        }
        return made
    }
}
