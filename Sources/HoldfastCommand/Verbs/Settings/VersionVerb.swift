import ArgumentParser

struct VersionVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version.", discussion: "Example: holdfast version --json")

    /// The release that this executable belongs to.
    static let current = "0.1.0"

    @OptionGroup var global: GlobalOptions

    func perform(_ invocation: Invocation) async throws {
        try invocation.output.print(["version": .string(Self.current)]) { "holdfast \(Self.current)" }
    }
}
