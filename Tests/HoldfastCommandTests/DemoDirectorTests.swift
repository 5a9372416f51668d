import Foundation
import Testing

@testable import HoldfastCommand

struct DemoDirectorTests {
    @Test("a run without faults plays its time, settles, drains and ends", arguments: [1, 2, 4])
    func quietRun(servers: Int) {
        var fleet = DemoFakeFleet(.sample(servers: servers, duration: .seconds(20)))
        fleet.run(limit: .seconds(60))
        let director = fleet.director
        #expect(director.phase == .finished)
        #expect(director.problems.isEmpty)
        #expect(director.tally.joins > 40)
        #expect(servers == 1 ? director.tally.hops == 0 : director.tally.hops > 30)
        #expect(director.tally.handOverMillis.count == director.tally.hops)
        #expect(director.tally.crashes == 0 && director.tally.freezes == 0)
        #expect(director.tally.playTime >= .seconds(20) && director.tally.playTime < .seconds(21))
        #expect(fleet.actions.filter { if case .terminate = $0 { true } else { false } }.count == servers)
    }

    @Test("every player of a killed server is opened elsewhere at once and is back")
    func crash() {
        var fleet = DemoFakeFleet(.sample(crashEvery: .seconds(5)))
        fleet.run(limit: .seconds(120))
        let director = fleet.director
        #expect(director.phase == .finished)
        #expect(director.tally.crashes == 11)
        #expect(director.tally.takeOvers > 50)
        #expect(director.tally.takeOverMillis.summary.max < 2_000)
        #expect(director.rescues.isEmpty)
        #expect(director.slots.contains { $0.generation > 1 })
        #expect(director.tally.reasonsVoid(director.settings).isEmpty)
        // A kill is followed, in the same breath, by orders to others.
        let first = fleet.actions.firstIndex { if case .kill = $0 { true } else { false } } ?? 0
        guard case .kill(let dead) = fleet.actions[first], case .order(let next, .open) = fleet.actions[first + 1]
        else {
            Issue.record("no open after the kill")
            return
        }
        #expect(dead != next)
    }

    @Test("a frozen server gets no orders until it has thawed and cooled down")
    func freeze() {
        var fleet = DemoFakeFleet(.sample(freezeEvery: .seconds(10)))
        fleet.run(limit: .seconds(120))
        #expect(fleet.director.phase == .finished)
        #expect(fleet.director.tally.freezes >= 5)
        #expect(fleet.director.tally.refused >= fleet.director.tally.freezes)
        #expect(fleet.director.tally.reasonsVoid(fleet.director.settings).isEmpty)
        var frozen: Set<String> = []
        for action in fleet.actions {
            switch action {
            case .freeze(let server): frozen.insert(server)
            case .thaw(let server): frozen.remove(server)
            case .order(let server, _): #expect(!frozen.contains(server))
            default: break
            }
        }
    }

    @Test("a rolling restart drains one server at a time under load, until each was replaced", arguments: [2, 4])
    func rollingRestart(servers: Int) {
        var fleet = DemoFakeFleet(.sample(servers: servers, duration: .seconds(30), restartEvery: .seconds(2)))
        fleet.run(limit: .seconds(120)) { fleet in
            let retiring = fleet.director.slots.count { if case .retiring = $0.state { true } else { false } }
            #expect(retiring <= 1)
            return false
        }
        let director = fleet.director
        #expect(director.phase == .finished && director.problems.isEmpty)
        #expect(director.tally.restarts >= servers)
        #expect(director.slots.allSatisfy { $0.generation > 1 })
        #expect(director.tally.reasonsVoid(director.settings).isEmpty)
        #expect(director.tally.crashes == 0)
    }

    @Test("a server that does not end well when it is restarted fails the run")
    func failedRestart() {
        var fleet = DemoFakeFleet(.sample(duration: .seconds(30), restartEvery: .seconds(2)))
        func retiring(_ fleet: DemoFakeFleet) -> String? {
            fleet.director.slots.first { if case .retiring = $0.state { true } else { false } }?.name
        }
        fleet.run(limit: .seconds(60)) { retiring($0) != nil }
        _ = fleet.director.exited(retiring(fleet) ?? "", cleanly: false, how: "died of signal 11", at: fleet.now)
        #expect(fleet.director.problems.count == 1)
        #expect(fleet.director.tally.restarts == 0)
    }

    @Test("crashes and freezes together leave two healthy servers at any time", arguments: [3, 4, 8], [1, 2, 3])
    func bothFaults(servers: Int, seed: UInt64) {
        var fleet = DemoFakeFleet(
            .sample(servers: servers, seed: seed, crashEvery: .seconds(5), freezeEvery: .seconds(10)))
        fleet.run(limit: .seconds(150)) { fleet in
            let healthy = fleet.director.slots.count { $0.state == .up }
            if fleet.director.phase == .playing { #expect(healthy >= 2) }
            return false
        }
        #expect(fleet.director.phase == .finished)
        #expect(fleet.director.problems.isEmpty)
        #expect(fleet.director.tally.crashes > 0 && fleet.director.tally.freezes > 0)
    }

    @Test("the same seed gives the same actions")
    func reproducible() {
        var first = DemoFakeFleet(.sample(duration: .seconds(10), crashEvery: .seconds(3)))
        var second = DemoFakeFleet(.sample(duration: .seconds(10), crashEvery: .seconds(3)))
        first.run(limit: .seconds(60))
        second.run(limit: .seconds(60))
        #expect(first.director.tally == second.director.tally)
    }

    @Test("a third of the rewards goes to players who are away, and late ones are collected")
    func rewards() {
        var fleet = DemoFakeFleet(.sample(players: 200))
        fleet.run(limit: .seconds(150))
        let tally = fleet.director.tally
        #expect(tally.delivered > 500)
        let share = Double(tally.deliveredWhileAway) / Double(tally.delivered)
        #expect(share > 0.2 && share < 0.45)
        #expect(fleet.director.deliveries.isEmpty)
    }

    @Test("operations of every kind are sent, and what is done about one comes later and by any server")
    func errands() {
        var fleet = DemoFakeFleet(.sample(players: 100))
        fleet.run(limit: .seconds(150))
        var kinds: Set<String> = []
        var sentBy: [String: String] = [:]
        var elsewhere = 0
        for case .order(let server, .errand(let errand)) in fleet.actions {
            kinds.insert(String("\(errand)".prefix { $0 != "(" }))
            switch errand {
            case .late(_, let id, _, _), .mishap(_, let id, _): sentBy[id] = server
            case .fleeting, .wage, .trade: break
            case .cancel(_, let id), .requeue(_, let id, _):
                #expect(sentBy[id] != nil)
                if sentBy[id] != server { elsewhere += 1 }
            }
        }
        #expect(kinds == ["late", "fleeting", "wage", "mishap", "trade", "cancel", "requeue"])
        #expect(elsewhere > 0)
    }

    @Test("a server that ends by itself fails the run, and its players go on elsewhere")
    func unexpectedExit() {
        var fleet = DemoFakeFleet(.sample(duration: .seconds(10)))
        fleet.run(limit: .seconds(60)) { $0.director.tally.joins > 30 }
        let actions = fleet.director.exited("s2", cleanly: false, how: "died of signal 11", at: fleet.now)
        #expect(actions.contains { if case .order(_, .open) = $0 { true } else { false } })
        #expect(fleet.director.problems.count == 1)
    }

    @Test("a fleet that does not come up fails and drains")
    func neverUp() {
        var director = FleetDirector(.sample())
        _ = director.start()
        var actions: [FleetAction] = []
        for second in 1...40 { actions += director.tick(at: .seconds(second)) }
        #expect(director.problems.count == 1)
        #expect(actions.filter { if case .terminate = $0 { true } else { false } }.count == 4)
    }

    @Test("a late open of a thawed server is told to let go")
    func lateOpen() {
        var fleet = DemoFakeFleet(.sample(duration: .seconds(10)))
        fleet.run(limit: .seconds(60)) { $0.director.tally.joins > 10 }
        let player = fleet.director.players[0].name
        let report = ServerReport.joined(player: player, ticket: -1, way: .takeOver, openMillis: 1)
        let actions = fleet.director.receive(report, from: "s1", at: fleet.now)
        #expect(actions == [.order(server: "s1", .leave(player: player, ticket: -1))])
    }

    @Test("an interrupt ends the play early and the fleet still drains")
    func interrupt() {
        var fleet = DemoFakeFleet(.sample())
        fleet.run(limit: .seconds(60)) { $0.director.tally.joins > 10 }
        fleet.director.interrupt(at: fleet.now)
        _ = fleet.director.tick(at: fleet.now + .milliseconds(10))
        #expect(fleet.director.phase == .settling)
        #expect(fleet.director.tally.playTime < .seconds(10))
    }

    @Test("orders and reports survive their line")
    func lines() throws {
        let orders: [ServerOrder] = [
            .open(player: "ada-0", ticket: 1), .deliver(player: "é", id: "reward:1", coins: 5),
            .pace(savesPerPlayer: 1.5), .errand(.fleeting(player: "ada-0", id: "errand:1", coins: 5, lifeMillis: 20)),
        ]
        for order in orders {
            #expect(try JSONDecoder().decode(ServerOrder.self, from: JSONEncoder().encode(order)) == order)
        }
        let reports: [ServerReport] = [
            .joined(player: "ada-0", ticket: 1, way: .handOver, openMillis: 1.25), .drained(problem: nil),
            .counts(ServerCounts(edits: 1, saveMicros: [1, 2], appliedIDs: ["a"])),
        ]
        for report in reports {
            #expect(try JSONDecoder().decode(ServerReport.self, from: JSONEncoder().encode(report)) == report)
        }
    }
}
