import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct ProfilePutVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Write a profile's document under its lease. Durable.",
        discussion: "Example: echo '{\"coins\":5}' | holdfast profile put players 42 -")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    @Argument(help: "A file with the JSON object, or - for standard input.")
    var file: String

    @Option(
        help: ArgumentHelp("Write only if the stored version is this one; 0 for a new profile.", valueName: "version"))
    var ifVersion: Int64?

    @OptionGroup var waiting: WaitOption

    func deadline(timeout: Duration) throws -> Duration? { timeout + (try waiting.duration ?? .zero) }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let document = try await document(id.key.description)
        let wait = try waiting.duration
        let receipt = try await FleetMember.with(invocation) { coordinator in
            let collection = try coordinator.documents(id.collection.description)
            let session = try await collection.openQuietly(id.key, wait: wait)
            do {
                if let ifVersion, session.version != ifVersion {
                    throw CommandError(
                        .fenced, "the profile is at version \(session.version), not \(ifVersion); read it again",
                        key: id.key.description)
                }
                let before = session.version
                try session.edit { $0 = document }
                // The last save and the release in one: no owner stays behind in the store.
                try await session.close()
                return (version: session.version, token: session.token, wrote: session.version != before)
            } catch {
                try? await session.close()
                throw CommandError(error, key: id.key.description)
            }
        }
        try invocation.output.print(
            [
                "key": .string(id.key.description), "version": .integer(receipt.version),
                "token": .integer(receipt.token),
                "wrote": .bool(receipt.wrote),
            ]
        ) {
            receipt.wrote
                ? "wrote \(TerminalText.escaped("\(id)")) as version \(receipt.version)"
                : "\(TerminalText.escaped("\(id)")) is unchanged at version \(receipt.version)"
        }
    }

    private func document(_ key: String) async throws -> JSONValue {
        let value: JSONValue
        do {
            value = try CanonicalJSON.parse(try await FileContent.receive(file))
        } catch let error as JSONError {
            throw CommandError(.badInput, error.description, key: key)
        }
        guard value.object != nil else {
            throw CommandError(.badInput, "a document is a JSON object, not \(value.kind)", key: key)
        }
        return value
    }
}
