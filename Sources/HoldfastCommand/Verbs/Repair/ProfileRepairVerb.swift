import ArgumentParser
import HoldfastProfiles
import HoldfastStorage

struct ProfileRepairVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Make a damaged profile readable again; its damaged bytes are kept. Durable.",
        discussion: """
            A document whose stored bytes are damaged is replaced by the copy that Redis has of the same save, else by \
            the newest kept version that can be read. Damaged parts, such as a world's chunks, have no history: \
            --drop-parts removes them. `doctor --records` finds what is damaged. Example:
              holdfast profile repair players 42 --dry-run
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    @Flag(help: "Remove damaged parts; a world generates such chunks anew.")
    var dropParts = false

    @OptionGroup var confirmation: Confirmation

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { confirmation.deadline(timeout * 2) }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let key = id.key.description
        let damage = try await Stores.with(invocation) { store, _ in
            guard try await store.read(id)?.content != nil else {
                throw CommandError(.notFound, "there is no such profile in \(id.collection)", key: key)
            }
            return try await RecordDamage.look(at: id, in: store)
        }
        var receipt: RepairReceipt?
        if !confirmation.dryRun, damage.document != nil || !damage.parts.isEmpty {
            try confirmation.check("Repair \(id)?")
            let dropParts = dropParts
            receipt = try await FleetMember.with(invocation) { coordinator in
                do {
                    return try await coordinator.documents(id.collection.description)
                        .repair(id.key, droppingParts: dropParts)
                } catch {
                    throw CommandError(error, key: key)
                }
            }
        }
        let done = receipt
        let all = damage.fields + (done.map { fields(of: $0) } ?? [])
        try invocation.output.print(
            .object(all + [.init(name: "repaired", value: .bool(done != nil))])
        ) { text(damage, done) }
    }

    private func fields(of receipt: RepairReceipt) -> [OutputValue.Field] {
        let source: OutputValue =
            switch receipt.source {
            case .untouched: "untouched"
            case .hotCopy: "hotCopy"
            case .version(let version): .string("version \(version)")
            }
        return [
            .init(name: "source", value: source), .init(name: "version", value: .integer(receipt.version)),
            .init(name: "quarantined", value: .optional(receipt.quarantined)),
            .init(name: "droppedParts", value: .array(receipt.droppedParts.map { .string($0.description) })),
            .init(
                name: "undoneOperations", value: .array(receipt.undoneOperations.map { .string($0.description) })),
        ]
    }

    private func text(_ damage: RecordDamage, _ receipt: RepairReceipt?) -> String {
        guard !damage.isNone else { return "nothing is damaged" }
        var lines = [damage.text]
        guard let receipt else { return lines[0] }
        switch receipt.source {
        case .untouched: break
        case .hotCopy: lines.append("the document is back from its copy in Redis; nothing was lost")
        case .version(let version): lines.append("the document is back from version \(version)")
        }
        if !receipt.droppedParts.isEmpty { lines.append("removed \(receipt.droppedParts.count) damaged parts") }
        if let kept = receipt.quarantined { lines.append("the damaged bytes are kept as version \(kept)") }
        if !receipt.undoneOperations.isEmpty {
            let names = receipt.undoneOperations.map { TerminalText.escaped($0.description) }.joined(separator: ", ")
            lines.append("receipts stay; no longer in the data: \(names)")
        }
        return lines.joined(separator: "\n")
    }
}

extension RecordDamage {
    /// What is damaged, as `doctor --records` and `profile repair` print it.
    var fields: [OutputValue.Field] {
        [
            .init(name: "collection", value: .string(id.collection.description)),
            .init(name: "key", value: .string(id.key.description)),
            .init(name: "document", value: .optional(document)),
            .init(name: "parts", value: .array(parts.map { .string($0.description) })),
            .init(name: "versions", value: .array(versions.map { .integer($0) })),
        ]
    }

    /// The same for people, in one line.
    var text: String {
        var damaged: [String] = []
        if let document { damaged.append("the document (\(document))") }
        if !parts.isEmpty { damaged.append("\(parts.count) parts") }
        if !versions.isEmpty {
            damaged.append("kept versions " + versions.map(String.init).joined(separator: ", "))
        }
        return TerminalText.escaped("\(id): damaged: \(damaged.joined(separator: "; "))")
    }
}
