import ArgumentParser
import HoldfastMemoryStore

struct QueueRemoveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove all items of a batch that was read.",
        discussion: """
            Too late, when their time is over, it changes nothing: the items are others' by now. Example:
              holdfast queue remove orders 8f14e45fceea167a5a36dedd4bea2543
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The queue.")
    var name: String

    @Argument(help: "The id that queue read printed.")
    var id: String

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let batch = try QueueCommand.id(id, of: "the id of a batch")
        let removed = try await QueueCommand.with(name, key: id, invocation) { try await $0.remove(batch) }
        try invocation.output.print(["id": .string("\(batch)"), "removed": .bool(removed)]) {
            removed ? "removed \(batch)" : "too late: the batch was removed before, or its time was over"
        }
    }
}
