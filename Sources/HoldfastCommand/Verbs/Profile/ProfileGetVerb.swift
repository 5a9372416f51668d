import ArgumentParser
import HoldfastStorage

struct ProfileGetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print a profile's document as last saved, without a lock.",
        discussion: "Example: holdfast profile get players 42 --meta")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    @Flag(help: "Print what travels beside the document, too.")
    var meta = false

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let line = try await Stores.with(invocation) { store, _ -> OutputValue in
            do {
                guard let found = try await store.read(id), let content = found.content else {
                    throw CommandError(.notFound, "there is no such profile in \(id.collection)")
                }
                let document = try content.payload.document()
                return meta ? try description(found, content, document) : .raw(document)
            } catch {
                throw CommandError(error, key: id.key.description)
            }
        }
        try invocation.output.print(line)
    }

    private func description(_ record: Record, _ content: Content, _ document: [UInt8]) throws -> OutputValue {
        [
            "key": .string(record.id.key.description), "version": .integer(record.version),
            "schema": .integer(Int64(content.schema)), "token": .integer(record.fence),
            "owner": .optional(record.owner?.server), "createdAt": .time(record.createdAtMillis),
            "updatedAt": .time(record.updatedAtMillis),
            "storedBytes": .integer(Int64(content.payload.bytes.count)),
            "documentBytes": .integer(Int64(content.payload.documentBytes)),
            "userIds": .array(content.userIDs.map { .string($0) }),
            "metadata": try StoredMetadata.checked(content.metadata).map { .raw($0) } ?? .null, "data": .raw(document),
        ]
    }
}
