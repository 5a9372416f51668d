import ArgumentParser
import Glibc

/// `--yes` and `--dry-run` of verbs that destroy something.
struct Confirmation: ParsableArguments {
    @Flag(help: "Do it without asking; needed where no terminal can ask.")
    var yes = false

    @Flag(help: "Only tell what would be done.")
    var dryRun = false

    /// The deadline of a verb that asks first: none where a person at a terminal may take a while to answer.
    func deadline(_ limit: Duration) -> Duration? { yes || dryRun ? limit : nil }

    /// Whether to go on.
    ///
    /// - Throws: ``CommandError`` with code `usage` where nobody can be asked, and when the answer is no.
    func check(_ question: String) throws {
        guard !yes else { return }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw CommandError.usage("this cannot be undone; give --yes to do it, or --dry-run to see what it would do")
        }
        try? Output.writeAll(
            Array("\(TerminalText.escaped(question)) [y/N] ".utf8), to: STDERR_FILENO, name: "standard error")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw CommandError(.usage, "nothing was done", exitCode: .failed)
        }
    }
}
