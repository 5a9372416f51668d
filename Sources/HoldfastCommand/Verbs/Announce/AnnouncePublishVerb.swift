import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct AnnouncePublishVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Publish a message to all servers. Durable, unless --fast.",
        discussion: "Example: holdfast announce publish news 'Restart at noon' --ttl 2h")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The channel, 1 to 128 characters.")
    var channel: String

    @Argument(help: "The message: JSON, or plain text; at most 32 KiB.")
    var message: String

    @Option(help: ArgumentHelp("How long it is valid, 1ms to 45d (default: 1h).", valueName: "duration"))
    var ttl: String?

    @Flag(help: "Keep it in Redis alone: quicker, and lost when Redis loses its data.")
    var fast = false

    func perform(_ invocation: Invocation) async throws {
        let life = try ttl.map { text in
            guard let duration = DurationText.parse(text) else {
                throw CommandError.usage("--ttl: expected a duration such as 500ms, 30s or 7d")
            }
            return duration
        }
        let value = try AnnouncementText.parse(message)
        let (name, isFast) = (channel, fast)
        let receipt = try await Backends.withMemory(invocation) { memory in
            let channel = try memory.announcements(name, of: JSONValue.self)
            let life = life ?? Announcements<JSONValue>.defaultLife
            return isFast
                ? try await channel.publishFast(value, expiresAfter: life)
                : try await channel.publish(value, expiresAfter: life)
        }
        try invocation.output.print(
            [
                "sequence": .integer(receipt.sequence), "id": .string("\(receipt.id)"), "fast": .bool(isFast),
            ]
        ) {
            "published to \(TerminalText.escaped(name)) as \(isFast ? "fast " : "")announcement \(receipt.sequence)"
        }
    }
}
