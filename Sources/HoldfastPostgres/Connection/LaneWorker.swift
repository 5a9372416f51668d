import HoldfastStorage
import Logging

/// The loop of a lane's thread.
struct LaneWorker {
    private let lane: ConnectionLane
    private var connection: LibPQConnection?
    private var backoff = Backoff()
    /// No attempt to connect before.
    private var nextAttempt: Instant?
    private var generator = SystemRandomNumberGenerator()

    init(_ lane: ConnectionLane) {
        self.lane = lane
    }

    consuming func run() {
        while true {
            switch lane.next() {
            case .job(let job): serve(job)
            case .idle: idle()
            case .closed:
                connection = nil
                lane.threadEnded()
                return
            }
        }
    }

    private mutating func serve(_ job: ConnectionLane.Job) {
        let result = Result { () throws(StoreError) in try perform(job) }
        if let connection, !connection.isUsable {
            if case .failure(let error) = result { report("store connection dropped", error) }
            self.connection = nil
        }
        job.continuation.resume(returning: result)
    }

    private mutating func perform(_ job: ConnectionLane.Job) throws(StoreError) -> [QueryResult] {
        guard ContinuousClock.now < job.deadline else {
            throw StoreError(.deadline, "the store was too busy to begin before the deadline")
        }
        return try connected(until: job.deadline).perform(job.batch, until: job.deadline)
    }

    private mutating func connected(until deadline: Instant) throws(StoreError) -> LibPQConnection {
        if let connection { return connection }
        try waitForAttempt(until: deadline)
        do {
            let limit = min(deadline, ContinuousClock.now + lane.configuration.connectTimeout)
            let made = try LibPQConnection.open(lane.configuration, name: lane.name, until: limit)
            connection = made
            backoff.reset()
            nextAttempt = nil
            lane.logger.debug("store connected", metadata: ["holdfast.address": "\(lane.configuration.address)"])
            return made
        } catch {
            nextAttempt = ContinuousClock.now + backoff.next(using: &generator)
            report("store not reachable", error)
            // Whoever waits behind would only learn the same, one attempt later each.
            lane.failAll(error)
            throw error
        }
    }

    private func waitForAttempt(until deadline: Instant) throws(StoreError) {
        guard let nextAttempt else { return }
        while ContinuousClock.now < nextAttempt {
            guard ContinuousClock.now < deadline else {
                throw StoreError(.unavailable, "no connection to PostgreSQL at \(lane.configuration.address)")
            }
            guard !lane.isClosed else { throw StoreError(.closed, "the store was closed") }
            let interests = [(descriptor: lane.wakeup.descriptor, events: Descriptors.input)]
            if Descriptors.wait(interests, until: min(nextAttempt, deadline)) != nil { lane.wakeup.clear() }
        }
    }

    /// Sleeps until there is a batch, or the server says something or goes away.
    private mutating func idle() {
        var interests = [(descriptor: lane.wakeup.descriptor, events: Descriptors.input)]
        if let connection { interests.append((connection.socket, Descriptors.input)) }
        guard let ready = Descriptors.wait(interests, until: nil) else { return }
        if ready[0] != 0 { lane.wakeup.clear() }
        guard ready.count > 1, ready[1] != 0, let connection else { return }
        connection.takeNotice()
        if !connection.isUsable {
            lane.logger.info("store connection ended", metadata: ["holdfast.address": "\(lane.configuration.address)"])
            self.connection = nil
        }
    }

    private func report(_ event: Logger.Message, _ error: StoreError) {
        lane.logger.warning(
            event, metadata: ["holdfast.address": "\(lane.configuration.address)", "holdfast.error": "\(error)"])
    }
}
