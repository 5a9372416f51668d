import HoldfastStorage
import Synchronization

/// Keeps this server's beat, and knows what the beats allow it to conclude.
public final class Membership: Sendable {
    /// What a round of the beat found.
    public enum Finding: Sendable, Equatable {
        /// Redis forgot this server's last beat, or another run answered: leases must be checked at once.
        case redisLostData
        /// An operator asked this server to drain.
        case drainRequested
    }

    private struct State {
        var judge: LivenessJudge
        var ledger = BeatLedger()
        var drainRequested = false
        /// What the server last said of itself.
        var described: ServerBeat?
        /// Found by a beat out of turn, for the next one in turn to report.
        var unreported: [Finding] = []
    }

    private let identity: ServerIdentity
    private let backend: any CoordinationBackend
    private let timeToLive: Duration
    private let metrics = CoordinationMetrics()
    private let state: Mutex<State>

    /// Prepares a membership that has not beaten yet.
    public init(
        identity: ServerIdentity, backend: any CoordinationBackend, timeToLive: Duration, interval: Duration
    ) {
        self.identity = identity
        self.backend = backend
        self.timeToLive = timeToLive
        self.state = Mutex(State(judge: LivenessJudge(timeToLive: timeToLive, interval: interval)))
    }

    /// Sends one beat; `describe` fills in what the server says of itself.
    ///
    /// - Throws: ``CoordinationError`` when no acknowledgement came; the streak simply does not grow.
    public func beat(_ describe: (inout ServerBeat) -> Void) async throws(CoordinationError) -> [Finding] {
        let entry = state.withLock { $0.ledger.next() }
        var beat = ServerBeat(server: identity.id, boot: identity.boot, number: entry.number)
        describe(&beat)
        state.withLock { $0.described = beat }
        let sent = ContinuousClock.now
        let reply: BeatReply
        do {
            reply = try await backend.beat(beat, timeToLive: timeToLive)
        } catch {
            metrics.beatsMissed.increment()
            throw error
        }
        return state.withLock { state in
            var findings = state.unreported
            state.unreported = []
            let forgot = state.ledger.answered(entry, reply, boot: identity.boot)
            let runChanged = state.judge.acknowledged(sent: sent, received: .now, run: reply.run, forgot: forgot)
            if runChanged || forgot { findings.append(.redisLostData) }
            if reply.drainRequested, !state.drainRequested {
                state.drainRequested = true
                findings.append(.drainRequested)
            }
            return findings
        }
    }

    /// Beats out of turn, so that a verdict rests on an answer that is newer than what it judges.
    ///
    /// - Throws: ``CoordinationError`` when no acknowledgement came.
    public func confirm() async throws(CoordinationError) {
        let described = state.withLock { $0.described }
        let findings = try await beat { beat in
            guard let described else { return }
            let number = beat.number
            beat = described
            beat.number = number
        }
        state.withLock { $0.unreported += findings }
    }

    /// Whether an absent beat of another server may be called its death now.
    public func mayJudge(now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { $0.judge.mayJudge(now: now) }
    }

    /// Until when this server's own beat certainly stands; nil before the first acknowledgement.
    public var beatDeadline: ContinuousClock.Instant? {
        state.withLock { $0.judge.beatDeadline }
    }

    /// Removes the beat; the last act of a shutdown.
    public func withdraw() async {
        try? await backend.withdraw(server: identity.id, boot: identity.boot)
    }
}
