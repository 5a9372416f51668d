import ArgumentParser
import HoldfastCoordination
import HoldfastStorage

struct ProfileUnlockVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Free one lease. Its holder can save no more; what it had not saved is lost.",
        discussion: "Example: holdfast profile unlock players 42 --token 17 --yes")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var record: RecordArgument

    @Option(help: ArgumentHelp("The token that `profile lease` shows: only this lease is freed.", valueName: "number"))
    var token: Int64

    @OptionGroup var confirmation: Confirmation

    var createsStore: Bool { false }

    func deadline(timeout: Duration) throws -> Duration? { confirmation.deadline(timeout) }

    func perform(_ invocation: Invocation) async throws {
        let id = try record.id
        let key = id.key.description
        let (holder, fence) = try await Backends.with(invocation) { backends, _ in
            guard let lease = try await backends.coordination.inspect(id) else {
                throw CommandError(.notFound, "nobody holds this profile", key: key)
            }
            guard lease.token == token else {
                throw CommandError(
                    .fenced, "the lease of \(lease.owner.server) has token \(lease.token), not \(token)", key: key)
            }
            guard !confirmation.dryRun else { return (lease.owner.server, Int64?.none) }
            try confirmation.check("Free the lease of \(id), held by \(lease.owner.server)?")
            // The fence first: a holder whose lease is gone but whose fence stands could still save. A session that has
            // taken the record since keeps it: its fence says by itself that this lease is an old one.
            let fence = try await backends.store.raiseFence(of: id, unlessAbove: token)
            guard try await backends.coordination.unlock(id, token: token) else {
                throw CommandError(.fenced, "the lease was released or taken by another meanwhile", key: key)
            }
            return (lease.owner.server, fence)
        }
        let word = confirmation.dryRun ? "would free" : "freed"
        try invocation.output.print(
            [
                "key": .string(key), "server": .string(holder), "token": .integer(token), "fence": .optional(fence),
                "unlocked": .bool(!confirmation.dryRun),
            ]
        ) { "\(word) the lease of \(TerminalText.escaped(holder)) on \(TerminalText.escaped("\(id)"))" }
    }
}
