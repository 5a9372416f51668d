import Foundation
import Glibc
import HoldfastRedis
import HoldfastStorage

/// Lets a director command real processes until the run is over.
struct FleetLoop: Sendable {
    private static let tick: Duration = .milliseconds(15)
    private static let redraw: Duration = .milliseconds(200)

    let plan: DemoPlan
    let folder: RunFolder
    let invocation: Invocation
    let run: RunFile

    /// Plays to the end.
    ///
    /// No process of the fleet is left when it returns or throws.
    func play(interrupts: Interrupts, watch: RedisWatch, redis: RedisClient) async throws -> FleetDirector {
        let mailbox = FleetMailbox()
        var director = FleetDirector(plan.fleet)
        var processes: [String: ServerProcess] = [:]
        let screen = LiveScreen(title: title)
        let began = ContinuousClock.now
        var drawn = began - Self.redraw
        var nextFlush = plan.flushEvery.map { began + $0 }

        func carryOut(_ actions: [FleetAction]) {
            for action in actions {
                switch action {
                case .spawn(let server):
                    let process = ServerProcess(name: server, logPath: folder.log(of: server)) { process, event in
                        mailbox.post(event, from: process.name)
                    }
                    processes[server] = process
                    let isFirst = director.slots.contains { $0.name == server && $0.generation == 1 }
                    process.start(executable: isFirst ? plan.firstBuild : nil, arguments: arguments(of: server))
                case .order(let server, let order): processes[server]?.send(order)
                case .kill(let server): processes[server]?.signal(SIGKILL)
                case .freeze(let server): processes[server]?.signal(SIGSTOP)
                case .thaw(let server): processes[server]?.signal(SIGCONT)
                case .terminate(let server): processes[server]?.signal(SIGTERM)
                }
            }
        }

        carryOut(director.start())
        while director.phase != .finished {
            for letter in mailbox.takeAll() {
                let at = letter.at - began
                switch letter.event {
                case .report(let report):
                    carryOut(director.receive(report, from: letter.server, at: at))
                case .exited(let cleanly, let how):
                    carryOut(director.exited(letter.server, cleanly: cleanly, how: how, at: at))
                }
            }
            let now = ContinuousClock.now
            if interrupts.count > 0 { director.interrupt(at: now - began) }
            if interrupts.count > 1 { break }
            for event in watch.takeEvents() { director.noteRedis(event, at: now - began) }
            if let due = nextFlush, due <= now, director.phase == .playing {
                nextFlush = now + (plan.flushEvery ?? .zero)
                for node in (try? await redis.masters()) ?? [] {
                    _ = try? await redis.command(["FLUSHALL"], on: node)
                }
            }
            carryOut(director.tick(at: now - began))
            for process in processes.values { process.flush() }
            if now - drawn >= Self.redraw {
                drawn = now
                screen.show(LiveFrame(director, pids: processes.compactMapValues(\.pid), now: now - began))
            }
            // Not cancelled: the fleet has to be brought to its end.
            try? await Task.sleep(for: Self.tick)
        }
        screen.close(LiveFrame(director, pids: [:], now: ContinuousClock.now - began))
        await end(processes)
        if !director.problems.isEmpty { await showLogs(of: director) }
        return director
    }

    /// Ends whatever is left, and waits until the kernel says so.
    private func end(_ processes: [String: ServerProcess]) async {
        for process in processes.values { process.signal(SIGKILL) }
        let deadline = ContinuousClock.now + .seconds(10)
        while processes.values.contains(where: { $0.pid != nil }), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func showLogs(of director: FleetDirector) async {
        for slot in director.slots {
            for generation in 1...slot.generation {
                var named = slot
                named.generation = generation
                guard director.problems.contains(where: { $0.hasPrefix("\(named.name) ") }) else { continue }
                for line in await folder.lastWords(of: named.name) { Output.complain("  \(named.name): \(line)") }
            }
        }
    }

    private var title: String {
        let settings = invocation.settings
        let store =
            switch settings.store {
            case .sqlite: "SQLite"
            case .postgres: "PostgreSQL"
            case .memory: "memory"
            }
        let redis = settings.redis == .embedded ? "embedded Redis" : "Redis"
        let fleet = plan.fleet
        return "\(fleet.servers) servers · \(fleet.players) players · \(store) + \(redis) · seed \(fleet.seed)"
    }

    /// What a server process is started with.
    ///
    /// Secrets come to it through the environment, as they came to us.
    private func arguments(of server: String) -> [String] {
        let settings = invocation.settings
        var arguments = [
            "demo-server", "--server-id", server, "--collection", run.collection, "--journals", folder.journals,
            "--redis", "\(settings.redis)", "--store", "\(settings.store)", "--deployment", settings.deployment,
            "--lease", DurationText.format(.milliseconds(plan.timings.leaseMillis)),
            "--renew", DurationText.format(.milliseconds(plan.timings.renewMillis)),
            "--beat", DurationText.format(.milliseconds(plan.timings.beatMillis)),
            "--autosave", DurationText.format(plan.autosave), "--log-level", settings.logLevel.rawValue,
            "--timeout", DurationText.format(settings.timeout),
        ]
        let optional: [(String, String?)] = [
            ("--data-dir", settings.dataDirectory), ("--redis-ca", settings.certificates.authority),
            ("--redis-cert", settings.certificates.certificate), ("--redis-key", settings.certificates.key),
            ("--config", configFile), ("--sabotage", plan.sabotage),
        ]
        for (flag, value) in optional {
            if let value { arguments += [flag, value] }
        }
        return arguments
    }

    private var configFile: String? {
        let words = CommandLine.arguments
        for (index, word) in words.enumerated() {
            if word == "--config", index + 1 < words.count { return words[index + 1] }
            if word.hasPrefix("--config=") { return String(word.dropFirst("--config=".count)) }
        }
        return nil
    }
}
