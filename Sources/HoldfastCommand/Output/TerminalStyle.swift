import Foundation

/// Colours, where a terminal shows them and `NO_COLOR` is not set.
struct TerminalStyle: Sendable {
    let isColored: Bool

    static let standardOutput = TerminalStyle(descriptor: STDOUT_FILENO)
    static let standardError = TerminalStyle(descriptor: STDERR_FILENO)

    init(isColored: Bool) {
        self.isColored = isColored
    }

    init(descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
        let refuses = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        isColored = isatty(descriptor) == 1 && !refuses
    }

    func bold(_ text: String) -> String { styled(text, "1") }
    func green(_ text: String) -> String { styled(text, "32") }
    func red(_ text: String) -> String { styled(text, "31") }
    func dim(_ text: String) -> String { styled(text, "2") }

    private func styled(_ text: String, _ code: String) -> String {
        isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
