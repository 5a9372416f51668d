import Glibc
import Synchronization

/// Tells on standard error how far long work is: a bar on a terminal, a plain line every five seconds elsewhere.
final class Progress: Sendable {
    private struct State {
        var done = 0
        var bytes = 0
        var shownAt: ContinuousClock.Instant?
    }

    private let name: String
    private let totalBytes: Int?
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(_ name: String, totalBytes: Int?) {
        self.name = name
        self.totalBytes = totalBytes
    }

    /// Counts finished items and the input bytes read so far, and shows them now and then.
    func advance(items: Int, bytes: Int = 0) {
        let now = ContinuousClock.now
        let line = state.withLock { state -> String? in
            state.done += items
            state.bytes += bytes
            let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(5)
            guard now - (state.shownAt ?? start) >= pause else { return nil }
            state.shownAt = now
            return text(state, elapsed: now - start)
        }
        if let line { show(line, last: false) }
    }

    /// Ends the bar's line.
    func finish() {
        let (line, wasShown) = state.withLock { (text($0, elapsed: ContinuousClock.now - start), $0.shownAt != nil) }
        if wasShown { show(line, last: true) }
    }

    private func show(_ line: String, last: Bool) {
        let text = isTerminal ? "\r\u{1B}[K\(line)\(last ? "\n" : "")" : "\(line)\n"
        try? Output.writeAll(Array(text.utf8), to: STDERR_FILENO, name: "standard error")
    }

    private func text(_ state: State, elapsed: Duration) -> String {
        let seconds = max(0.001, elapsed.fractionalMillis / 1_000)
        var line = "\(name): \(state.done) done, \(Int(Double(state.done) / seconds))/s"
        if let totalBytes, totalBytes > 0, state.bytes > 0 {
            let share = min(1, Double(state.bytes) / Double(totalBytes))
            let remaining = Int((seconds / share - seconds).rounded(.up))
            let filled = Int(share * 20)
            let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 20 - filled)
            line += " [\(bar)] \(Int(share * 100)) %, \(remaining) s left"
        }
        return line
    }
}
