import Holdfast
import ServiceLifecycle

/// The game: a tour through two days on two servers.
struct Adventure: Service {
    /// Where nearly everything happens.
    let server: GameServer
    let elsewhere: GameServer
    let clock: GameClock
    /// For files that operators make.
    let folder: String
    let summary: Summary

    var coordinator: Coordinator { server.coordinator }
    var memory: MemoryStore { server.memory }
    var players: ProfileCollection<Player> { server.players }
    var guilds: SharedCollection<Guild> { server.guilds }
    var worlds: WorldStore { server.worlds }

    static let (ann, ben, cleo) = (Key(1), Key(2), Key(3))

    func run() async throws {
        for each in [server, elsewhere] { try await each.coordinator.waitUntilReady(timeout: .seconds(30)) }
        try await memory.createBoard("level", BoardSettings(rules: BoardRules(scoreOperator: .set)))
        try await firstDay()
        clock.advance(hours: 24)
        try await secondDay()
    }

    private func firstDay() async throws {
        let ann = try await welcome(Self.ann, name: "Ann")
        var ben = try await join(Self.ben, name: "Ben")
        try claimDaily(ann)
        try play(ann)
        try tidyUp(ann)
        try drinkPotions(ann)
        try await practise(ann)
        try show(ann)
        try await purchase(for: ann)
        try await train(ann)
        try await sendBread(to: Self.cleo)
        try await invite(Self.cleo, by: 1)
        try await redeliver(to: ben)
        try shop(ann)
        try await trade(ann, ben)
        try await lend(ann, to: ben)
        ben = try await travel(ben)
        try await showCard(of: Self.ben)
        try await visitMarket(ann, ben)
        try await sendGift(from: ann, to: Self.cleo)
        try await build(ann)
        try await foundGuild()
        try await announce()
        try await support(ben)
        try await ann.close()
        try await rewardGuild([Self.ann, Self.ben])
        try await shelter([Self.ann, Self.ben])
        try await tryOut(on: Self.ben)
        try await takeBack(Self.ann)
        try await keepCopies(of: Self.ann)
    }

    private func secondDay() async throws {
        let cleo = try await join(Self.cleo, name: "Cleo")
        try await eventually("the gift arrives") { cleo.document.inventory.count(of: .wood) == 5 }
        summary.check(true, "Cleo finds the gift that came while she was away")
        try await cleo.save()
        let ann = try await join(Self.ann, name: "Ann")
        let reward = ann.document.ledger.last { $0.reason == "offline" }
        summary.check(reward?.amount == 160, "a day away counts as eight hours")
        let thanks = try await players.result(of: "invited:\(Self.cleo)", key: Self.ann)
        summary.check(
            thanks.state == .applied && cleo.document.profile.experience == 10,
            "Cleo has come, and Ann is thanked for her invitation")
        try claimDaily(ann)
        try await ann.close()

        try await ranks()
        try await audit()
        try await forget(Self.ben)
        try await tellHealth()
        // Cleo stays: the shutdown saves and releases her.
    }
}
