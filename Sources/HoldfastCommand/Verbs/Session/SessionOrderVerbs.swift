import ArgumentParser
import HoldfastCoordination
import HoldfastStorage

struct SessionShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Ask the server that holds a profile where its session stands.",
        discussion: "Example: holdfast session show players 42")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        try await SessionOrderRun(order: .show, id: try record.id).perform(invocation)
    }
}

struct SessionSaveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "save", abstract: "Have the server that holds a profile save it now. Durable.",
        discussion: "Example: holdfast session save players 42")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        try await SessionOrderRun(order: .save, id: try record.id).perform(invocation)
    }
}

struct SessionReleaseVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Have the server that holds a profile save and release it: its player's session ends. Durable.",
        discussion: "Example: holdfast session release players 42")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        try await SessionOrderRun(order: .release, id: try record.id).perform(invocation)
    }
}

/// Sends one order to the holder of a record and prints its answer.
struct SessionOrderRun: Sendable {
    let order: SessionOrder
    let id: RecordID

    func perform(_ invocation: Invocation) async throws {
        // Some of the verb's time is left for the connection and the answer's way.
        let timeout = invocation.settings.timeout * 3 / 4
        let outcome = try await Backends.with(invocation) { backends, _ in
            try await SessionCourier(backend: backends.coordination).send(order, for: id, timeout: timeout)
        }
        let key = id.key.description
        switch outcome {
        case .notHeld:
            throw CommandError(.notFound, "nobody holds this profile", key: key)
        case .serverGone(let lease):
            throw CommandError(
                .unavailable, "server \(lease.owner.server), which holds it, does not beat",
                advice: "its lease ends in \(lease.remaining.wholeMillis) ms; any open takes it over", key: key)
        case .noAnswer(let lease):
            throw CommandError(
                .deadline, "server \(lease.owner.server) has not answered in time",
                advice: "it may have done it; look with session show", key: key)
        case .answered(let lease, let answer):
            try print(answer, of: lease, invocation.output)
        }
    }

    private func print(_ answer: JSONValue, of lease: LeaseDescription, _ output: Output) throws {
        let key = id.key.description
        if let error = answer["error"] {
            let code = CommandError.Code(rawValue: error["code"]?.string ?? "") ?? .held
            throw CommandError(code, error["message"]?.string ?? "the server refused", key: key)
        }
        func number(_ name: String) -> OutputValue { .optional(answer[name]?.int64) }
        let state = answer["state"]?.string ?? "unknown"
        let fields: OutputValue = [
            "collection": .string(id.collection.description), "key": .string(key),
            "server": .string(lease.owner.server), "boot": .string(lease.owner.boot.description),
            "since": .time(lease.sinceMillis), "state": .string(state), "version": number("version"),
            "token": number("token"), "nonce": .optional(answer["nonce"]?.string),
            "unsavedAgeMillis": number("unsavedAgeMillis"), "leaseMarginMillis": number("leaseMarginMillis"),
        ]
        try output.print(fields) {
            let place = "\(TerminalText.escaped("\(id)")) on \(TerminalText.escaped(lease.owner.server))"
            let version = answer["version"]?.int64 ?? 0
            return switch order {
            case .show, .checkErasure:
                "\(place): \(state), version \(version), unsaved for \(answer["unsavedAgeMillis"]?.int64 ?? 0) ms"
            case .save: "saved \(place), version \(version)"
            case .release: "released \(place), version \(version)"
            }
        }
    }
}
