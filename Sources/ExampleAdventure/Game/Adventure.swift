import Holdfast
import HoldfastGameplay
import ServiceLifecycle

/// The game: a tour through a day on one server.
struct Adventure: Service {
    let coordinator: Coordinator
    let memory: MemoryStore
    let players: ProfileCollection<Player>
    let guilds: SharedCollection<Guild>
    let worlds: WorldStore
    let host: WorldHost
    let clock: GameClock
    let counters: BlockCounters
    let summary: Summary

    static let (ann, ben, cleo) = (Key(1), Key(2), Key(3))

    func run() async throws {
        try await coordinator.waitUntilReady(timeout: .seconds(30))
        try await memory.createBoard("level", BoardSettings(rules: BoardRules(scoreOperator: .set)))

        let ann = try await join(Self.ann, name: "Ann")
        let ben = try await join(Self.ben, name: "Ben")
        try claimDaily(ann)
        try play(ann)
        try show(ann)
        try await purchase(for: ann)
        try shop(ann)
        try await trade(ann, ben)
        try await visitMarket(ann, ben)
        try await sendGift(from: ann, to: Self.cleo)
        try await build(ann)
        try await foundGuild()
        try await announce()
        try await ann.close()
        try await ben.close()
        try await rewardGuild([Self.ann, Self.ben])
        try await support(Self.ben)
        try await takeBack(Self.ann)

        clock.advance(hours: 24)
        let cleo = try await join(Self.cleo, name: "Cleo")
        try await eventually("the gift arrives") { cleo.document.inventory.count(of: .wood) == 5 }
        summary.check(true, "Cleo finds the gift that came while she was away")
        try await cleo.close()
        let annAgain = try await join(Self.ann, name: "Ann")
        let reward = annAgain.document.ledger.last { $0.reason == "offline" }
        summary.check(reward?.amount == 160, "a day away counts as eight hours")
        try claimDaily(annAgain)
        try await annAgain.close()

        try await ranks()
        try await audit()
        tellHealth()
    }
}
