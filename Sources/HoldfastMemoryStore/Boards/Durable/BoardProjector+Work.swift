import HoldfastStorage
import Logging

extension BoardProjector {
    /// Lanes that rest and were not used for so long are forgotten.
    private static let memory = Duration.seconds(3_600)

    /// Works on lanes until the task is cancelled.
    func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.watch() }
                for await job in jobs {
                    group.addTask {
                        switch job {
                        case .work(let table): await self.work(on: table)
                        case .rebuild(let table): await self.rebuild(table)
                        }
                    }
                }
            }
        } onCancel: {
            state.withLock { $0.isEnded = true }
            start.finish()
            answerWaiters()
        }
    }

    /// Answers waiters whose time is over, and tells how far Redis is behind.
    private func watch() async {
        var ticks = 0
        while (try? await Task.sleep(for: .milliseconds(20))) != nil {
            answerWaiters()
            ticks += 1
            if ticks.isMultiple(of: 50) { tidy() }
        }
    }

    private func tidy() {
        let now = ContinuousClock.now
        let (lag, age) = state.withLock { state in
            let resting = state.lanes.filter {
                !$0.value.isRunning && !$0.value.isRebuilding && now - $0.value.usedAt > Self.memory
            }
            for table in resting.keys { state.lanes[table] = nil }
            let since = state.lanes.values.compactMap(\.behindSince).min()
            return (state.lanes.values.reduce(0) { $0 + $1.state.lag }, since.map { now - $0 })
        }
        BoardMetrics.lag.record(lag)
        BoardMetrics.lagAge.record((age ?? .zero) / .seconds(1))
    }

    private func work(on table: SpaceName) async {
        while !Task.isCancelled {
            let step: (ProjectionLane.Step, Lane)? = state.withLock { state in
                guard var lane = state.lanes[table] else { return nil }
                let step = lane.state.next()
                if step == .rest {
                    lane.isRunning = false
                    lane.behindSince = nil
                }
                state.lanes[table] = lane
                return (step, lane)
            }
            guard let (step, lane) = step, step != .rest else { return answerWaiters(of: table) }
            await perform(step, table, lane)
            answerWaiters(of: table)
        }
        update(table) { $0.isRunning = false }
    }

    private func perform(_ step: ProjectionLane.Step, _ table: SpaceName, _ lane: Lane) async {
        let pump = SeasonPump(
            context: context, store: store, table: table, index: lane.index, withBehind: withBehind)
        do throws(MemoryStoreError) {
            let answers = try await pump.perform(step)
            update(table) { lane in
                for answer in answers { lane.state.take(answer) }
                lane.failures = 0
            }
            switch step {
            case .wait(let times): try? await Task.sleep(for: .milliseconds(1 << times) * Double.random(in: 0.5...1))
            case .load where answers.isEmpty: await Self.waitForAnother()
            default:
                guard answers.contains(.ahead) else { return }
                context.logger.warning(
                    "a board in Redis is ahead of the store",
                    metadata: ["holdfast.board": "\(lane.index.address.board)"])
            }
        } catch {
            await failed(table, lane, error)
        }
    }

    /// Another process loads a season.
    private static func waitForAnother() async {
        try? await Task.sleep(for: .milliseconds(Int.random(in: 10...30)))
    }

    /// Makes a season anew while its lane goes on.
    private func rebuild(_ table: SpaceName) async {
        guard let index = state.withLock({ $0.lanes[table]?.index }) else { return }
        var failures = 0
        while !Task.isCancelled {
            do throws(MemoryStoreError) {
                guard try await BoardLoader(context, store, table, index).load(isForced: true) == nil else { break }
                await Self.waitForAnother()
            } catch {
                failures += 1
                await pause(failures, index, error)
            }
        }
        update(table) { $0.isRebuilding = false }
        suspect(table, index)
        answerWaiters(of: table)
    }

    private func failed(_ table: SpaceName, _ lane: Lane, _ error: MemoryStoreError) async {
        let failures = state.withLock { state in
            state.lanes[table]?.failures += 1
            // Whatever was sent may have arrived.
            state.lanes[table]?.state.suspect()
            return state.lanes[table]?.failures ?? 1
        }
        answerWaiters(of: table)
        await pause(failures, lane.index, error)
    }

    /// Tells of a failure and waits, the longer the more there were in a row.
    private func pause(_ failures: Int, _ index: BoardIndex, _ error: MemoryStoreError) async {
        BoardMetrics.projectionFailures.increment()
        if failures == 1 {
            context.logger.warning(
                "a board waits for Redis",
                metadata: ["holdfast.board": "\(index.address.board)", "holdfast.error": "\(error)"])
        }
        let pause = Duration.milliseconds(50) * (1 << min(failures, 7)) * Double.random(in: 0.5...1)
        try? await Task.sleep(for: pause)
    }

    private func update(_ table: SpaceName, _ body: (inout Lane) -> Void) {
        state.withLock { state in
            if state.lanes[table] != nil { body(&state.lanes[table]!) }
        }
    }
}
