import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Add, read and remove items of queues shared by all servers.",
        discussion: "Example: holdfast queue read orders --count 10 --wait 30s",
        subcommands: [
            QueueAddVerb.self, QueueReadVerb.self, QueueRemoveVerb.self, QueueSizeVerb.self, QueuePeekVerb.self,
            QueueDeadVerb.self, QueueRequeueVerb.self,
        ])

    /// Opens the queue for the time of `body`; failures name the key.
    ///
    /// - Parameter bringing: Whether all durable items that Redis has room for are brought there first: `body` depends
    ///   on what is there, and no other process may have brought them yet, after a loss of Redis for example.
    static func with<Result: Sendable>(
        _ name: String, key: String? = nil, bringing: Bool = false, _ invocation: Invocation,
        _ body: @escaping @Sendable (Queue<JSONValue>) async throws -> Result
    ) async throws -> Result {
        do {
            return try await Backends.withMemory(invocation) { memory in
                let queue = try memory.queue(name, of: JSONValue.self)
                if bringing { try await bringDurableItems(queue) }
                return try await body(queue)
            }
        } catch {
            throw CommandError(error, key: key)
        }
    }

    private static func bringDurableItems(
        _ queue: Queue<JSONValue>
    ) async throws(MemoryStoreError) {
        do throws(MemoryStoreError) {
            try await queue.synchronize()
        } catch {
            switch error.code {
            case .full, .badInput: break  // No room for them yet; or a name that is too long to have any.
            default: throw error
            }
        }
    }

    /// Reads the id of a batch or a dead letter.
    ///
    /// - Throws: ``CommandError`` with code `badInput`.
    static func id(_ text: String, of what: String) throws(CommandError) -> RandomID {
        guard let id = RandomID(hex: text) else {
            throw CommandError(.badInput, "\(what) has 32 hex digits", advice: "copy it as it was printed", key: text)
        }
        return id
    }

    /// A priority for people, spelled as in JSON.
    static func text(_ priority: Double) -> String { OutputWriter.text(.number(priority)) }

    /// - Throws: ``CommandError`` with code `usage`.
    static func check(_ count: Int, option: String) throws(CommandError) {
        guard (1...100).contains(count) else { throw CommandError.usage("\(option): expected 1 to 100") }
    }
}
