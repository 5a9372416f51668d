import HoldfastStorage
import Logging

/// What somebody in the fleet has to do for all queues now and then: sweep them, pump and scrub the durable ones.
///
/// Every process that uses a queue tries to take on each duty in its interval; one of them gets it. Nothing is lost
/// when all are late.
struct QueueDuties: Sendable {
    private let context: MemoryStore.Context
    private let registry: QueueRegistry
    private let hub: QueueHub

    private static let tick = 1.5...2.5
    private static let pumping = Duration.seconds(1.8)
    private static let sweeping = Duration.seconds(4.8)
    private static let scrubbing = Duration.seconds(60)
    private static let registering = Duration.seconds(600)
    /// A name whose queue was empty and unused for so long is forgotten.
    private static let forgettingMillis: Int64 = 2 * 86_400_000

    init(_ context: MemoryStore.Context, hub: QueueHub) {
        self.context = context
        self.registry = QueueRegistry(context)
        self.hub = hub
    }

    /// Runs until cancelled.
    func run() async {
        var registeredAt: ContinuousClock.Instant?
        var places: [SpaceName: Int64] = [:]
        while (try? await Task.sleep(for: .seconds(Double.random(in: Self.tick)))) != nil {
            if registeredAt.map({ ContinuousClock.now - $0 >= Self.registering }) ?? true,
                await registry.add(hub.names)
            {
                registeredAt = .now
            }
            if context.durable != nil, await registry.takeOn("pump", for: Self.pumping) { await pump() }
            if await registry.takeOn("sweep", for: Self.sweeping) { await sweep() }
            if context.durable != nil, await registry.takeOn("scrub", for: Self.scrubbing) { await scrub(&places) }
        }
    }

    /// Sweeps every queue of the deployment.
    func sweep() async {
        await registry.forEach { name in
            let queue = hub.borrow(name)
            do throws(MemoryStoreError) {
                for _ in 0..<100 {
                    let sweep = try await queue.scripts.sweep()
                    QueueMetrics.record(sweep)
                    QueueMetrics.record(sweep.counts, oldestAge: sweep.oldestAge, of: name)
                    if sweep.hasLostKeys { try await queue.rebuild() }
                    guard sweep.hasMore, !Task.isCancelled else {
                        if sweep.counts == QueueScripts.Counts(visible: 0, invisible: 0, dead: 0) {
                            let millis = WallClock.milliseconds() - Self.forgettingMillis
                            await registry.remove(name, unusedSince: millis)
                        }
                        return
                    }
                }
            } catch {
                tell("a queue was not swept", name, error)
            }
        }
    }

    /// Pushes what the logs hold beyond Redis' places.
    func pump() async {
        await forEachLog { durable, summary in
            let name = QueuePump.queueName(summary.name)
            let queue = hub.borrow(name)
            guard summary.count > 0, let pump = queue.pump else { return }
            await queue.register()
            do throws(MemoryStoreError) {
                let cursor = try await queue.scripts.cursor(of: summary.generation)
                QueueMetrics.record(lag: max(summary.last - cursor, 0), of: name)
                if cursor != summary.last { try await pump.run() }
            } catch {
                tell("durable items wait for Redis", name, error)
            }
        }
    }

    /// Scrubs a part of every log, from where the last scrub of this process ended.
    func scrub(_ places: inout [SpaceName: Int64]) async {
        var next: [SpaceName: Int64] = [:]
        await forEachLog { durable, summary in
            let name = QueuePump.queueName(summary.name)
            do throws(MemoryStoreError) {
                let scrub = QueueScrub(scripts: hub.borrow(name).scripts, durable: durable, log: summary.name)
                next[summary.name] = try await scrub.run(after: places[summary.name] ?? 0)
            } catch {
                tell("a queue's log was not scrubbed", name, error)
            }
        }
        places = next.filter { $0.value > 0 }
    }

    private func forEachLog(_ body: (MemoryStore.Durable, SpaceSummary) async -> Void) async {
        guard let durable = context.durable else { return }
        var after: SpaceName?
        while !Task.isCancelled {
            guard
                let page = try? await durable.store.logs(
                    startingWith: QueuePump.logPrefix, after: after, limit: 100), let last = page.last
            else { return }
            for summary in page { await body(durable, summary) }
            after = last.name
        }
    }

    private func tell(_ what: String, _ name: String, _ error: MemoryStoreError) {
        context.logger.debug(
            "\(what)", metadata: ["holdfast.queue": "\(name)", "holdfast.error": "\(error)"])
    }
}
