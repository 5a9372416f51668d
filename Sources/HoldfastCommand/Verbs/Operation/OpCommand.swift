import ArgumentParser
import HoldfastStorage

struct OpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "op", abstract: "Deliver operations to profiles, and look at what became of them.",
        discussion: """
            An operation takes effect once, named by its id, at the next session of its profile. Example:
              holdfast op deliver players 42 grant.coins '{"coins":250}' --id match:9:reward
            """,
        subcommands: [
            OpDeliverVerb.self, OpListVerb.self, OpShowVerb.self, OpDeadVerb.self, OpRequeueVerb.self,
            OpCancelVerb.self,
        ])

    /// - Throws: ``CommandError`` with code `badInput`.
    static func id(_ text: String) throws -> OperationID {
        do {
            return try OperationID(text)
        } catch {
            throw CommandError(.badInput, error.message)
        }
    }

    /// Does something to an operation on each record that it was delivered to.
    ///
    /// Where nothing could be done, the first reason is thrown; other reasons are told on standard error.
    ///
    /// - Parameter act: Returns the operation as it stands then, or why nothing was done.
    /// - Throws: ``CommandError``: `notFound` when there is no such operation, `fenced` when nothing was done.
    static func each(
        _ id: OperationID, in store: any DurableStore,
        _ act: (OperationRecord) async throws -> Result<OperationRecord?, Refusal>
    ) async throws -> [OperationRecord] {
        var done: [OperationRecord] = []
        var refused: [(record: RecordID, reason: String)] = []
        var after: Int64 = 0
        while true {
            let page = try await store.operations(withID: id, after: after, limit: 1_000)
            for operation in page {
                switch try await act(operation) {
                case .success(let operation): done += operation.map { [$0] } ?? []
                case .failure(let refusal): refused.append((operation.record, refusal.reason))
                }
            }
            guard page.count == 1_000, let last = page.last else { break }
            after = last.sequence
        }
        if done.isEmpty {
            guard let first = refused.first else { throw missing(id) }
            throw CommandError(.fenced, first.reason, key: first.record.key.description)
        }
        for refusal in refused {
            Output.complain("holdfast: \(TerminalText.escaped("\(refusal.record): \(refusal.reason)"))")
        }
        return done
    }

    /// Why nothing was done to an operation.
    struct Refusal: Error {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    static func missing(_ id: OperationID) -> CommandError {
        CommandError(.notFound, "no operation \(id) was ever delivered")
    }
}
