import ArgumentParser
import HoldfastProfiles

/// `--version` and `--at`, of which a verb takes one.
struct VersionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The version of this number.", valueName: "number"))
    var version: Int64?

    @Option(
        help: ArgumentHelp("What was stored at this time, such as 2026-05-04T12:00:00Z.", valueName: "time"))
    var at: String?

    /// The version that is meant; nil when neither was given.
    ///
    /// - Throws: ``CommandError`` with code `usage`.
    var selection: VersionSelection? {
        get throws {
            switch (version, at) {
            case (nil, nil): return nil
            case (let version?, nil):
                guard version > 0 else { throw CommandError.usage("--version: expected a number from 1") }
                return .version(version)
            case (nil, let at?):
                guard let millis = Timestamp.millis(at) else {
                    throw CommandError.usage("--at: expected a time such as 2026-05-04T12:00:00Z")
                }
                return .at(millis)
            default: throw CommandError.usage("give either --version or --at")
            }
        }
    }

    /// The version that is meant.
    ///
    /// - Throws: ``CommandError`` with code `usage` when none was named, too.
    var required: VersionSelection {
        get throws {
            guard let selection = try selection else { throw CommandError.usage("which one? give --version or --at") }
            return selection
        }
    }
}
