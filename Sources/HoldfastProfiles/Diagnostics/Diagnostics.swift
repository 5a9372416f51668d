import HoldfastStorage
import Logging
import Synchronization
import Tracing

/// What a coordinator knows of its own calls: how many failed, whether that is critical, and a trace where one is
/// wanted.
final class Diagnostics: CallWatch {
    private struct State {
        var machine: HealthMachine
        var shown = Health()
        var watchers: [UInt64: AsyncStream<Health>.Continuation] = [:]
        var nextWatcher: UInt64 = 0
        var isStopped = false
    }

    let isTracing: Bool
    let tracer: (any Tracer)?
    private let server: String
    private let logger: Logger
    private let traceLogger: Logger
    private let metrics: ProfileMetrics
    private let state: Mutex<State>

    init(_ configuration: CoordinatorConfiguration, metrics: ProfileMetrics, logger: Logger) {
        self.metrics = metrics
        isTracing = configuration.traces
        tracer = configuration.tracer
        server = configuration.serverID
        self.logger = logger
        var traceLogger = logger
        // Whoever asks for a trace gets it, whatever else is logged.
        traceLogger.logLevel = .trace
        self.traceLogger = traceLogger
        state = Mutex(State(machine: HealthMachine(policy: configuration.healthPolicy)))
        metrics.critical.record(0)
    }

    var health: Health { state.withLock { $0.machine.health } }

    // MARK: Calls

    func finished(_ call: FinishedCall) {
        if isTracing {
            trace(
                call.side.rawValue, call.name, record: call.record, took: call.duration, outcome: call.outcome,
                count: call.count)
        }
        guard let failure = call.failure else { return }
        metrics.callFailed(call)
        guard failure.isOutage else { return }
        tell { $0.failed(call.side, code: failure.code, now: .now) }
    }

    /// Writes one line of the trace.
    private func trace(
        _ side: String, _ call: String, record: RecordID?, took duration: Duration, outcome: String, count: Int,
        links: [String: String] = [:]
    ) {
        var metadata: Logger.Metadata = [
            "holdfast.side": "\(side)", "holdfast.call": "\(call)", "holdfast.outcome": "\(outcome)",
            "holdfast.micros": "\(Int64(duration / .microseconds(1)))",
        ]
        if let record { metadata["holdfast.record"] = "\(record)" }
        if count != 1 { metadata["holdfast.count"] = "\(count)" }
        for (key, value) in links { metadata["holdfast.\(key)"] = "\(value)" }
        traceLogger.trace("call", metadata: metadata)
    }

    // MARK: Steps

    /// Whether anybody is told of what goes well.
    var isWatching: Bool { isTracing || tracer != nil }

    /// Carries out a step inside a span and tells of it once it has ended; where nobody watches, it is just carried
    /// out.
    ///
    /// - Parameters:
    ///   - began: When it began, where it has waited for something since.
    ///   - outcome: What a success came to, in one word.
    func result<Success, Failure: Error>(
        of step: @autoclosure () -> Step, since began: ContinuousClock.Instant? = nil,
        outcome: (Success) -> String = { _ in "done" }, _ body: () async -> Result<Success, Failure>
    ) async -> Result<Success, Failure> {
        guard isWatching else { return await body() }
        let step = step()
        let began = began ?? ContinuousClock.now
        let result = await inSpan(step.span, step.facts(server: server), outcome: outcome, returning: body)
        if isTracing { tell(step, took: began.duration(to: .now), outcome: result.traced(outcome)) }
        return result
    }

    /// The same for work that throws its failure.
    func inStep<Success, Failure: Error>(
        _ step: @autoclosure () -> Step, since began: ContinuousClock.Instant? = nil,
        outcome: (Success) -> String = { _ in "done" }, _ body: () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        guard isWatching else { return try await body() }
        return try await result(of: step(), since: began, outcome: outcome) { await caught(body) }.get()
    }

    /// Tells of a step that has just ended and in which nothing was awaited.
    func ended(
        _ step: @autoclosure () -> Step, took duration: Duration = .zero, outcome: @autoclosure () -> String,
        isFailure: Bool
    ) {
        guard isWatching else { return }
        let step = step()
        let outcome = outcome()
        addSpan(step.span, step.facts(server: server), took: duration, outcome: outcome, isFailure: isFailure)
        if isTracing { tell(step, took: duration, outcome: outcome) }
    }

    private func tell(_ step: Step, took duration: Duration, outcome: String) {
        trace(
            step.side.rawValue, step.name, record: step.record, took: duration, outcome: outcome, count: step.count,
            links: step.links)
    }

    // MARK: Health

    /// Looks whether the server has recovered.
    func tick(now: ContinuousClock.Instant) {
        tell { $0.passed(now: now) }
    }

    private func tell(_ event: (inout HealthMachine) -> HealthMachine.Change?) {
        // Told under the lock, so that what is told last is what holds.
        let (change, health) = state.withLock { state in
            let change = event(&state.machine)
            let health = state.machine.health
            if health != state.shown {
                state.shown = health
                for watcher in state.watchers.values { watcher.yield(health) }
            }
            if change != nil { metrics.critical.record(health.isCritical ? 1 : 0) }
            return (change, health)
        }
        guard let change else { return }
        let metadata: Logger.Metadata = [
            "holdfast.redis_failures": "\(health.redisFailures)", "holdfast.store_failures": "\(health.storeFailures)",
            "holdfast.last_failure": "\(health.lastFailure ?? "none")",
        ]
        switch change {
        case .becameCritical:
            logger.critical("critical: calls to Redis or the store keep failing", metadata: metadata)
        case .recovered:
            logger.notice("recovered: no call to Redis or the store has failed for a while", metadata: metadata)
        }
    }

    /// The health as it is, then as it changes; the newest sixteen are kept for a slow reader.
    func updates() -> AsyncStream<Health> {
        let (stream, continuation) = AsyncStream.makeStream(of: Health.self, bufferingPolicy: .bufferingNewest(16))
        let id: UInt64? = state.withLock { state in
            continuation.yield(state.machine.health)
            guard !state.isStopped else { return nil }
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = continuation
            return state.nextWatcher
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: id) }
        }
        return stream
    }

    /// Ends all streams, and those that are asked for from now on.
    func stop() {
        let watchers = state.withLock { state in
            state.isStopped = true
            defer { state.watchers = [:] }
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.finish() }
    }
}
