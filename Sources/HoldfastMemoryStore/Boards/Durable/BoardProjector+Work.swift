import HoldfastStorage
import Logging

extension BoardProjector {
    /// How many rows of a table are read at once.
    private static let page = 1_000
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
            guard let (step, lane) = step, step != .rest else { return answerWaiters() }
            do throws(MemoryStoreError) {
                try await perform(step, table, lane)
                update(table) { $0.failures = 0 }
            } catch {
                await failed(table, lane, error)
            }
            answerWaiters()
        }
        update(table) { $0.isRunning = false }
    }

    /// Makes a season anew while its lane goes on.
    private func rebuild(_ table: SpaceName) async {
        guard let index = state.withLock({ $0.lanes[table]?.index }) else { return }
        var failures = 0
        while !Task.isCancelled {
            do throws(MemoryStoreError) {
                guard try await BoardLoader(context, store, table, index).load(isForced: true) == nil else { break }
                // Somebody else does it.
                try? await Task.sleep(for: .milliseconds(Int.random(in: 10...30)))
            } catch {
                failures += 1
                await pause(failures, index, error)
            }
        }
        update(table) { $0.isRebuilding = false }
        suspect(table, index)
        answerWaiters()
    }

    private func failed(_ table: SpaceName, _ lane: Lane, _ error: MemoryStoreError) async {
        let failures = state.withLock { state in
            state.lanes[table]?.failures += 1
            // Whatever was sent may have arrived.
            state.lanes[table]?.state.suspect()
            return state.lanes[table]?.failures ?? 1
        }
        answerWaiters()
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

    // MARK: - Steps

    private func perform(
        _ step: ProjectionLane.Step, _ table: SpaceName, _ lane: Lane
    ) async throws(MemoryStoreError) {
        switch step {
        case .rest: return
        case .wait(let times):
            try? await Task.sleep(for: .milliseconds(1 << times) * Double.random(in: 0.5...1))
        case .inspect:
            let cursor = try await lane.index.cursor()
            update(table) { $0.state.inspected(cursor) }
        case .apply(let rows, let from, let through):
            try await apply(rows, from: from, through: through, table, lane)
        case .read(let after):
            try await read(after: after, table, lane)
        case .load:
            guard let cursor = try await BoardLoader(context, store, table, lane.index).load(isForced: lane.isForced)
            else {
                // Somebody else does it.
                try? await Task.sleep(for: .milliseconds(Int.random(in: 10...30)))
                return
            }
            update(table) { state in
                // Asked for meanwhile: this load may have found the season in place.
                guard state.isForced == lane.isForced else { return }
                state.isForced = false
                state.state.loaded(through: cursor)
            }
        }
    }

    private func read(after: Int64, _ table: SpaceName, _ lane: Lane) async throws(MemoryStoreError) {
        let page: ScorePage?
        do throws(StoreError) {
            page = try await store.scores(of: table, changedAfter: after, limit: Self.page)
        } catch {
            throw MemoryStoreError(error)
        }
        let last = page?.lastChange ?? 0
        guard last >= after else {
            // Redis is ahead of the store, which went back or whose table is another one: Redis follows.
            context.logger.warning(
                "a board in Redis is ahead of the store", metadata: ["holdfast.board": "\(lane.index.address.board)"])
            return update(table) { lane in
                lane.isForced = true
                lane.state.lost()
            }
        }
        let rows = page?.rows ?? []
        let through = rows.count < Self.page ? last : rows[rows.count - 1].change
        if through > after {
            guard try await apply(rows, from: after, through: through, table, lane) else { return }
        }
        update(table) { $0.state.read(through: through, last: last) }
    }

    /// Applies rows; false where Redis did not take them.
    @discardableResult
    private func apply(
        _ rows: [ScoreRow], from: Int64, through: Int64, _ table: SpaceName, _ lane: Lane
    ) async throws(MemoryStoreError) -> Bool {
        let shown = withBehind(rows, table).map(\.shown)
        switch try await lane.index.apply(shown, from: from, through: through) {
        case .applied(let cursor):
            update(table) { $0.state.applied(through: cursor) }
            return true
        case .gap(let cursor):
            update(table) { $0.state.gap(at: cursor) }
            return false
        case .absent:
            update(table) { $0.state.lost() }
            return false
        }
    }
}

extension ScoreRow {
    /// As a board shows it: who has joined and has no score has no rank.
    var shown: ScoreRow {
        guard submissions == 0 else { return self }
        var row = self
        row.isRemoved = true
        return row
    }
}
