@testable import HoldfastCommand

/// Servers without processes: they carry out a director's actions in virtual time.
struct DemoFakeFleet {
    private struct Letter {
        let at: Duration
        let server: String
        let report: ServerReport?
    }

    var director: FleetDirector
    private(set) var now: Duration = .zero
    private var letters: [Letter] = []
    private var alive: Set<String> = []
    private var frozen: Set<String> = []
    private var saves: [String: Int] = [:]
    private(set) var actions: [FleetAction] = []
    /// The server that holds each player.
    private(set) var holders: [String: String] = [:]
    var savesPerServerAndSecond = 60
    /// Servers refuse one stale write for each thaw.
    var refusesStaleWrites = true
    private var refused: [String: Int] = [:]
    private var applied: [String] = []

    init(_ settings: FleetSettings) {
        director = FleetDirector(settings)
    }

    /// Lets the run go on until it is finished, or until `limit`.
    mutating func run(limit: Duration, until isDone: (DemoFakeFleet) -> Bool = { _ in false }) {
        carryOut(director.start())
        var nextCount: Duration = .milliseconds(200)
        while director.phase != .finished, now < limit, !isDone(self) {
            now += .milliseconds(10)
            let due = letters.filter { $0.at <= now && !frozen.contains($0.server) }
            letters.removeAll { $0.at <= now && !frozen.contains($0.server) }
            for letter in due {
                if let report = letter.report {
                    guard alive.contains(letter.server) else { continue }
                    carryOut(director.receive(report, from: letter.server, at: now))
                } else {
                    carryOut(
                        director.exited(letter.server, cleanly: alive.contains(letter.server), how: "ended", at: now))
                    alive.remove(letter.server)
                }
            }
            if now >= nextCount {
                nextCount += .milliseconds(200)
                for server in alive.subtracting(frozen).sorted() {
                    saves[server, default: 0] += savesPerServerAndSecond / 5
                    let counts = ServerCounts(
                        saves: saves[server] ?? 0, refused: refused[server] ?? 0, appliedIDs: applied)
                    applied = []
                    carryOut(director.receive(.counts(counts), from: server, at: now))
                    let shared = SharedCounts(scores: saves[server] ?? 0, announcements: 1, heard: 1, worldSaves: 1)
                    carryOut(director.receive(.shared(shared), from: server, at: now))
                }
            }
            carryOut(director.tick(at: now))
        }
    }

    mutating func carryOut(_ new: [FleetAction]) {
        actions += new
        for action in new {
            switch action {
            case .spawn(let server):
                alive.insert(server)
                post(.up(boot: "b"), from: server, after: .milliseconds(100))
            case .order(let server, let order): obey(order, on: server)
            case .kill(let server):
                alive.remove(server)
                frozen.remove(server)
                letters.append(Letter(at: now, server: server, report: nil))
            case .freeze(let server): frozen.insert(server)
            case .thaw(let server):
                frozen.remove(server)
                if refusesStaleWrites { refused[server, default: 0] += 1 }
            case .terminate(let server):
                letters.append(Letter(at: now + .milliseconds(50), server: server, report: nil))
            }
        }
    }

    private mutating func obey(_ order: ServerOrder, on server: String) {
        switch order {
        case .open(let player, let ticket):
            let holder = holders[player]
            let way: ServerReport.Way =
                holder.map { alive.contains($0) && !frozen.contains($0) ? .handOver : .takeOver } ?? .free
            holders[player] = server
            let wait: Duration = way == .takeOver ? .milliseconds(900) : .milliseconds(8)
            post(
                .joined(player: player, ticket: ticket, way: way, openMillis: wait / .milliseconds(1)), from: server,
                after: wait)
        case .prepare(let player, let ticket): post(.ready(player: player, ticket: ticket), from: server)
        case .leave(let player, let ticket):
            if holders[player] == server { holders[player] = nil }
            post(.left(player: player, ticket: ticket), from: server)
        case .deliver(let player, let id, _):
            post(.delivered(player: player, id: id, fresh: true), from: server)
            applied.append(id)
        case .resume, .pace, .errand: break
        }
    }

    private mutating func post(_ report: ServerReport, from server: String, after wait: Duration = .milliseconds(5)) {
        letters.append(Letter(at: now + wait, server: server, report: report))
    }
}

extension FleetSettings {
    /// Four servers and sixty players for a minute.
    static func sample(
        servers: Int = 4, players: Int = 60, duration: Duration = .seconds(60), seed: UInt64 = 7,
        crashEvery: Duration? = nil, freezeEvery: Duration? = nil, restartEvery: Duration? = nil
    ) -> FleetSettings {
        FleetSettings(
            servers: servers, players: players, duration: duration, seed: seed, crashEvery: crashEvery,
            freezeEvery: freezeEvery, restartEvery: restartEvery, lease: .seconds(3), renew: .seconds(1))
    }
}
