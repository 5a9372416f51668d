import Logging
import NIOCore

extension ClusterRouter {
    /// How often the lanes are looked at for trouble.
    private static let tick = Duration.milliseconds(50)
    /// From how long a silence on a node that owes a reply makes us ask others about it.
    private static let suspiciousSilence = TimeAmount.milliseconds(500)
    /// How long one node may take to tell the map.
    private static let mapTimeout = TimeAmount.seconds(1)
    /// How many nodes are asked for the map, one after the other, before a refresh counts as failed.
    private static let candidates = 5

    /// Keeps the map until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let isDue = state.withLock { state in
                watch(&state)
                return state.plan.due <= .now
            }
            if isDue { await refresh() }
            try? await Task.sleep(for: Self.tick)
        }
    }

    /// Wishes for a new map where a node is cut off or suspiciously silent.
    private func watch(_ state: inout State) {
        let now = NIODeadline.now()
        // Blocking commands are owed their replies by right.
        let anyTrouble = state.nodes.values.contains { lanes in
            isTroubled(lanes.session, now) || isTroubled(lanes.bulk, now)
        }
        if anyTrouble { state.plan.request(.urgent, now: .now) }
    }

    private func isTroubled(_ lane: RedisConnection, _ now: NIODeadline) -> Bool {
        switch lane.condition {
        case .idle: false
        case .cutOff: true
        case .owed(let since): now - since > Self.suspiciousSilence
        }
    }

    /// Asks node after node for the map.
    private func refresh() async {
        metrics.mapRefreshes.increment()
        var failure = RedisError(.unavailable, "no node of the cluster is known")
        for address in candidates() {
            do throws(RedisError) {
                let reply = await send(
                    .plain(["CLUSTER", "SLOTS"]), to: address, lane: .session,
                    limit: min(Self.mapTimeout, TimeAmount(configuration.commandTimeout)))
                let value = try reply.get()
                if case .error(let error) = value { throw RedisError(error) }
                let map = try SlotMap(value, askedAt: address)
                guard !map.masters.isEmpty else {
                    throw RedisError(.unavailable, "\(address) belongs to a cluster without any slots")
                }
                return install(map)
            } catch {
                if Task.isCancelled { return }
                logger.debug(
                    "no slot map from a node",
                    metadata: ["holdfast.address": "\(address)", "holdfast.error": "\(error)"])
                // A refusal is what an operator has to hear of.
                if !failure.isPermanent { failure = error }
            }
        }
        state.withLock { state in
            state.failure = failure
            state.plan.failed(now: .now)
        }
    }

    /// Healthy masters first, then troubled ones, replicas and seeds; each group in any order.
    private func candidates() -> [Address] {
        state.withLock { state in
            let now = NIODeadline.now()
            let trusted = state.map.masters.filter { address in
                state.nodes[address].map { $0.session.isConnected && !isTroubled($0.session, now) } ?? false
            }
            let groups = [trusted, state.map.masters.subtracting(trusted), state.map.replicas, Set(seeds)]
            var list: [Address] = []
            for group in groups {
                list += group.subtracting(list).shuffled(using: &state.generator)
            }
            return Array(list.prefix(Self.candidates))
        }
    }

    /// Takes a map over, and gives up the nodes that it does not name.
    private func install(_ map: SlotMap) {
        let (isNews, retired) = state.withLock { state -> (Bool, [LaneSet]) in
            let isNews = state.map != map
            state.map = map
            state.failure = nil
            state.plan.finished(isNews: isNews, now: .now, using: &state.generator)
            let now = NIODeadline.now()
            // A node that answers still says itself where its commands should go, or is about to get its first slot.
            let gone = state.nodes.filter { address, lanes in
                !map.masters.contains(address) && !lanes.all.contains { isAnswering($0, now) }
            }
            for address in gone.keys { state.nodes[address] = nil }
            return (isNews, Array(gone.values))
        }
        let reason = RedisError(.unavailable, "the node is no master of the cluster any more")
        for lane in retired.flatMap(\.all) { lane.retire(reason) }
        if isNews {
            logger.debug("new slot map", metadata: ["holdfast.masters": "\(map.masters.count)"])
            onMap(map.masters.union(map.replicas))
        }
    }

    private func isAnswering(_ lane: RedisConnection, _ now: NIODeadline) -> Bool {
        if case .owed(let since) = lane.condition { now - since <= Self.suspiciousSilence } else { false }
    }
}
