import Glibc
import Synchronization

/// Shows frames on standard error: redrawn in place on a terminal, a line a second elsewhere.
final class LiveScreen: Sendable {
    private struct State {
        var height = 0
        var lastLine: Duration?
    }

    private let title: String
    private let isTerminal: Bool
    private let style: TerminalStyle
    private let state = Mutex(State())

    init(title: String) {
        self.title = title
        isTerminal = isatty(STDERR_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
        style = .standardError
    }

    /// Shows a frame in place of the one before.
    func show(_ frame: LiveFrame) {
        state.withLock { state in
            guard isTerminal else {
                guard state.lastLine.map({ frame.now - $0 >= .seconds(1) }) ?? true else { return }
                state.lastLine = frame.now
                return Output.complain(LiveView.progress(frame))
            }
            draw(frame, &state)
        }
    }

    /// Shows the last frame and leaves it standing.
    func close(_ frame: LiveFrame) {
        state.withLock { state in
            guard isTerminal else { return Output.complain(LiveView.progress(frame)) }
            draw(frame, &state)
            write("\u{1B}[?25h")
        }
    }

    private func draw(_ frame: LiveFrame, _ state: inout State) {
        let (columns, rows) = size()
        let lines = LiveView.lines(frame, title: title, columns: columns, rows: rows)
        // Held back by the terminal until it is complete: no flicker.
        var text = "\u{1B}[?2026h\u{1B}[?25l"
        if state.height > 0 { text += "\u{1B}[\(state.height)A" }
        for line in lines.prefix(rows - 1) {
            text += "\r\(line.text(columns: columns - 1, colored: style.isColored))\u{1B}[K\n"
        }
        text += "\u{1B}[J\u{1B}[?2026l"
        state.height = min(lines.count, rows - 1)
        write(text)
    }

    private func write(_ text: String) {
        try? Output.writeAll(Array(text.utf8), to: STDERR_FILENO, name: "standard error")
    }

    private func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (max(Int(size.ws_col), 20), max(Int(size.ws_row), 8))
    }
}
