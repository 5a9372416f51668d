import ArgumentParser
import HoldfastProfiles
import HoldfastReplication
import HoldfastStorage

struct HistoryDiffVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare a version of a profile with what is stored now, place by place.",
        discussion: "Places are JSON pointers. Example: holdfast history diff players 42 --version 17")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument
    @OptionGroup var wanted: VersionOptions

    @Option(help: ArgumentHelp("Compare with this version instead.", valueName: "number"))
    var to: Int64?

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let old = try wanted.required
        let new = to.map { VersionSelection.version($0) } ?? .current
        let differences = try await Stores.with(invocation) { store, _ in
            do {
                return try await RecordHistory(of: id, in: store).difference(from: old, to: new)
            } catch {
                throw CommandError(error, key: id.key.description)
            }
        }
        let rows = try differences.map { difference -> OutputValue in
            [
                "path": .string(difference.path.pointer), "old": try Self.value(difference.old),
                "new": try Self.value(difference.new),
            ]
        }
        let lines = try differences.map { difference in
            let sides = try [difference.old, difference.new].map { value in
                try value.map { String(decoding: try CanonicalJSON.write($0), as: UTF8.self) } ?? "nothing"
            }
            return TerminalText.escaped("\(difference.path.pointer): \(sides[0]) -> \(sides[1])")
        }
        try invocation.output.print(.page(rows)) {
            lines.isEmpty ? "no difference" : lines.joined(separator: "\n")
        }
    }

    /// Nothing at all is `null`, as is a stored null.
    private static func value(_ value: JSONValue?) throws -> OutputValue {
        try value.map { .raw(try CanonicalJSON.write($0)) } ?? .null
    }
}
