import HoldfastVerifier

/// What a run ended with, for scripts and for people.
struct DemoSummary: Sendable {
    let settings: FleetSettings
    let tally: DemoTally
    let verdict: Verdict

    /// The document that `--json` promises.
    var document: OutputValue {
        .fields(
            ("servers", integer(settings.servers)), ("players", integer(settings.players)),
            ("seconds", .number((tally.playTime / .milliseconds(100)).rounded() / 10)),
            ("joins", integer(tally.joins)), ("edits", integer(tally.edits)), ("saves", integer(tally.saves)),
            ("hops", integer(tally.hops)), ("trades", integer(tally.trades)),
            ("tradesAcrossServers", integer(tally.tradesAcross)), ("tradesAborted", integer(tally.tradesAborted)),
            ("operationsDelivered", integer(tally.delivered)), ("operationsApplied", integer(tally.applied)),
            ("operationsWhileAway", integer(tally.deliveredWhileAway)), ("operationSteps", integer(tally.steps)),
            ("operationsCancelled", integer(tally.cancelled)), ("operationsExpired", integer(tally.expired)),
            ("operationsDead", integer(tally.dead)),
            ("crashes", integer(tally.crashes)), ("freezes", integer(tally.freezes)),
            ("restarts", integer(tally.restarts)),
            ("announcements", integer(tally.announcements)), ("scores", integer(tally.scores)),
            ("worlds", integer(tally.worlds)), ("worldSaves", integer(tally.worldSaves)),
            ("worldVisits", integer(tally.worldVisits)), ("worldHandOvers", integer(tally.worldHandOvers)),
            ("worldTakeOvers", integer(tally.worldTakeOvers)),
            ("staleWritesRefused", integer(tally.refused)), ("ambiguousSaves", integer(tally.ambiguous)),
            ("handoverMillis", Self.document(tally.handOverMillis)),
            ("takeoverMillis", Self.document(tally.takeOverMillis)),
            ("joinMillis", Self.document(tally.joinMillis)), ("saveMillis", Self.document(tally.saveMillis)),
            ("verification", DemoJudgement.document(verdict)))
    }

    /// The same as a page of text.
    func text(style: TerminalStyle) -> String {
        let seconds = (tally.playTime / .milliseconds(100)).rounded() / 10
        var lines = [
            style.bold(
                "\(settings.servers) servers, \(settings.players) players, \(seconds) s (seed \(settings.seed))"),
            "  joins \(tally.joins), hops \(tally.hops), trades \(tally.trades), edits \(tally.edits)",
            "  trades across servers \(tally.tradesAcross), aborted \(tally.tradesAborted)",
            "  saves \(tally.saves) (\(Int(tally.savesPerSecond.rounded())) a second), \(tally.ambiguous) ambiguous",
            "  operations \(tally.delivered) delivered (\(tally.deliveredWhileAway) to players away), "
                + "\(tally.applied) applied",
            "  of these \(tally.steps) steps, \(tally.cancelled) cancelled, \(tally.expired) expired, "
                + "\(tally.dead) dead",
            "  worlds \(tally.worlds), saved \(tally.worldSaves) times, visited \(tally.worldVisits) times",
            "  worlds went to another server \(tally.worldHandOvers) times, "
                + "\(tally.worldTakeOvers) of these from a dead one",
            "  scores \(tally.scores), announcements \(tally.announcements), heard \(tally.heard) times",
            "  crashes \(tally.crashes), freezes \(tally.freezes), restarts \(tally.restarts), "
                + "stale writes refused \(tally.refused)",
            "",
        ]
        var table = Table("MILLISECONDS", "P50", "P99", "MAX", "SAMPLES", style: style)
        let rows = [
            ("hop between servers", tally.handOverMillis), ("back after a crash", tally.takeOverMillis),
            ("join", tally.joinMillis), ("save", tally.saveMillis),
        ]
        for (name, samples) in rows {
            let summary = samples.summary
            table.add(
                name, Self.number(summary.p50), Self.number(summary.p99), Self.number(summary.max), "\(samples.count)")
        }
        lines += [table.text, ""]
        lines += DemoJudgement.lines(verdict, style: style)
        return lines.joined(separator: "\n")
    }

    private func integer(_ number: Int) -> OutputValue { .integer(Int64(number)) }

    private static func document(_ samples: LatencySamples) -> OutputValue {
        let summary = samples.summary
        return ["p50": .number(summary.p50), "p99": .number(summary.p99), "max": .number(summary.max)]
    }

    private static func number(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
