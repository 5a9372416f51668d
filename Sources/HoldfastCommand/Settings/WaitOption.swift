import ArgumentParser

/// `--wait`, for verbs that can wait for something; it extends `--timeout`.
struct WaitOption: ParsableArguments {
    @Option(help: ArgumentHelp("How long to wait for it (default: not at all).", valueName: "duration"))
    var wait: String?

    /// The duration, or nil when it was not given.
    var duration: Duration? {
        get throws {
            guard let wait else { return nil }
            guard let duration = DurationText.parse(wait) else {
                throw CommandError.usage("--wait: expected a duration such as 500ms, 30s or 5m")
            }
            return duration
        }
    }
}
