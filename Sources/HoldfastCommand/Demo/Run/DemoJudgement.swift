import HoldfastVerifier

/// Asks the verifier and shows what it says.
enum DemoJudgement {
    /// Judges a run.
    ///
    /// - Throws: ``CommandError`` when the evidence cannot be read.
    static func verify(
        journals: String, store: String, password: String?, deployment: String
    ) throws(CommandError) -> Verdict {
        do throws(VerifierError) {
            let location = try StoreLocation(url: store, password: password)
            return try Verifier(
                journals: .init(fileURLWithPath: journals, isDirectory: true), store: location, deployment: deployment
            ).verify()
        } catch {
            throw failure(error)
        }
    }

    /// Gives a verifier's failure its word.
    static func failure(_ error: VerifierError) -> CommandError {
        switch error.code {
        case .notFound: CommandError(.notFound, error.message)
        case .unavailable: CommandError(.unavailable, error.message)
        case .badInput: CommandError.usage(error.message)
        default: CommandError(.badInput, error.message)
        }
    }

    /// The `verification` object.
    static func document(_ verdict: Verdict) -> OutputValue {
        [
            "coinsExpected": .integer(verdict.coinsExpected), "coinsFound": .integer(verdict.coinsFound),
            "lostSaves": .integer(Int64(verdict.lostSaves)),
            "duplicateOperations": .integer(Int64(verdict.duplicateOperations)),
            "missingOperations": .integer(Int64(verdict.missingOperations)),
            "staleWritesAccepted": .integer(Int64(verdict.staleWritesAccepted)),
            "boardMismatches": .integer(Int64(verdict.boardMismatches)),
            "tornWorlds": .integer(Int64(verdict.tornWorlds)),
            "halfTrades": .integer(Int64(verdict.halfTrades)), "ok": .bool(verdict.ok),
        ]
    }

    /// The verdict for people.
    static func lines(_ verdict: Verdict, style: TerminalStyle) -> [String] {
        let seen = verdict.seen
        var lines = [
            verdict.ok ? style.green(style.bold("✓ verified")) : style.red(style.bold("✗ NOT verified")),
            "  coins         \(verdict.coinsExpected) expected, \(verdict.coinsFound) found",
            "  lost saves    \(verdict.lostSaves) of \(seen.saves) acknowledged",
            "  operations    \(verdict.duplicateOperations) applied twice, \(verdict.missingOperations) missing, of "
                + "\(seen.deliveries) delivered",
            "  stale writes  \(verdict.staleWritesAccepted) accepted, \(seen.refused) refused",
            "  boards        \(verdict.boardMismatches) members differ, of \(seen.scores) scores acknowledged",
            "  worlds        \(verdict.tornWorlds) times torn, of \(seen.worlds) saved \(seen.worldSaves) times",
            "  trades        \(verdict.halfTrades) half done, of \(seen.tradesAcross) across servers and "
                + "\(seen.tradesAborted) aborted",
            "  announcements \(seen.announcements) acknowledged, heard \(seen.heard) times",
            "  evidence      \(seen.processes) journals, \(seen.sessions) sessions, \(seen.trades) trades, "
                + "\(seen.commits) logged commits",
        ]
        if verdict.problemCount > 0 {
            lines.append("  problems      \(verdict.problemCount)")
            lines += verdict.problems.map { style.red("    \(TerminalText.escaped($0))") }
            if verdict.problemCount > verdict.problems.count {
                lines.append("    … and \(verdict.problemCount - verdict.problems.count) more")
            }
        }
        return lines
    }
}
