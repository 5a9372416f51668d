import HoldfastProfiles
import HoldfastStorage
import Logging

/// Carries out errands, and journals what was acknowledged.
struct DemoErrands: Sendable {
    /// How long a trade may stay undecided.
    private static let tradeTimeout: Duration = .seconds(2)

    let coordinator: Coordinator
    let players: ProfileCollection<DemoPlayer>
    let journal: DemoJournal
    let counters: DemoCounters
    let logger: Logger

    func carryOut(_ errand: DemoErrand) async {
        do {
            switch errand {
            case .late(let player, let id, let coins, let delay):
                try await send(DemoReward(coins: coins), coins, to: player, id, delay: .milliseconds(delay))
            case .fleeting(let player, let id, let coins, let life):
                try await send(DemoReward(coins: coins), coins, to: player, id, timeToLive: .milliseconds(life))
            case .wage(let player, let id, let coins, let days):
                try await send(DemoWage(coins: coins, days: days), coins, to: player, id)
            case .mishap(let player, let id, let coins):
                try await send(DemoMishap(coins: coins), coins, to: player, id)
            case .trade(let player, let partner, let id, let coins, let back):
                try await trade(Key(player), Key(partner), id, coins, back)
            case .cancel(let player, let id): try await cancel(id, of: player)
            case .requeue(let player, let id, let newID): try await requeue(id, of: player, as: newID)
            }
        } catch {
            // Without an acknowledgement nothing is promised.
            logger.debug("an errand failed", metadata: ["holdfast.error": "\(error)"])
        }
    }

    private func send(
        _ operation: some DeliverableOperation<DemoPlayer>, _ coins: Int, to player: String, _ id: String,
        timeToLive: Duration? = nil, delay: Duration = .zero
    ) async throws {
        switch try await players.deliver(operation, to: Key(player), id: id, timeToLive: timeToLive, delay: delay) {
        case .delivered, .duplicate: write("delivered", player, id, ("amount", .integer(Int64(coins))))
        case .conflict, .full: break
        }
    }

    private func trade(_ player: Key, _ partner: Key, _ id: String, _ coins: Int, _ back: Int) async throws {
        let outcome = try await coordinator.trade(id: id, timeout: Self.tradeTimeout) { trade in
            try trade.take(DemoPayment(coins: coins), from: player, in: players, refund: DemoReceipt(coins: coins))
            try trade.give(DemoReceipt(coins: back), to: player, in: players)
            try trade.take(DemoPayment(coins: back), from: partner, in: players, refund: DemoReceipt(coins: back))
            try trade.give(DemoReceipt(coins: coins), to: partner, in: players)
        }
        switch outcome {
        case .committed:
            journal.write("tradeEnded", [("id", .string(id)), ("outcome", "committed")])
            counters.update { $0.trades += 1 }
        case .aborted: journal.write("tradeEnded", [("id", .string(id)), ("outcome", "aborted")])
        case .pending: break
        }
    }

    private func cancel(_ id: String, of player: String) async throws {
        let outcome =
            switch try await players.cancelOperation(id, of: Key(player)) {
            case .cancelled: OperationState.cancelled.rawValue
            case .settled(let state): state.rawValue
            case .begun: "begun"
            case .missing: "missing"
            }
        write("cancelled", player, id, ("outcome", .string(outcome)))
    }

    private func requeue(_ id: String, of player: String, as newID: String) async throws {
        switch try await players.requeueOperation(id, of: Key(player), as: newID) {
        case .requeued, .duplicate: write("requeued", player, id, ("as", .string(newID)))
        case .notDead, .erased, .taken, .full, .missing: break
        }
    }

    private func write(_ kind: String, _ player: String, _ id: String, _ field: (String, OutputValue)) {
        journal.write(kind, [("key", .string(player)), ("id", .string(id)), field])
    }
}
