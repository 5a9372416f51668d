import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct HistoryGetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print the document of one version of a profile.",
        discussion: "Example: holdfast history get players 42 --at 2026-05-04T12:00:00Z")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument
    @OptionGroup var wanted: VersionOptions

    @Flag(help: "Print what travels beside the document, too.")
    var meta = false

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let selection = try wanted.required
        let line = try await Stores.with(invocation) { store, _ -> OutputValue in
            do {
                let found = try await RecordHistory(of: id, in: store).find(selection)
                let document = try found.content.payload.document()
                return meta ? try description(id, found, document) : .raw(document)
            } catch {
                throw CommandError(error, key: id.key.description)
            }
        }
        try invocation.output.print(line)
    }

    private func description(_ id: RecordID, _ found: RecordVersion, _ document: [UInt8]) throws -> OutputValue {
        [
            "key": .string(id.key.description), "version": .integer(found.version),
            "writtenAt": .time(found.writtenAtMillis), "exact": .bool(found.isExact),
            "schema": .integer(Int64(found.content.schema)),
            "userIds": .array(found.content.userIDs.map { .string($0) }),
            "metadata": try StoredMetadata.checked(found.content.metadata).map { .raw($0) } ?? .null,
            "data": .raw(document),
        ]
    }
}
