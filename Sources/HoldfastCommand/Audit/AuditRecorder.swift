import ArgumentParser
import Glibc
import HoldfastStorage
import Synchronization

/// Writes one run of a verb into the audit log: before it changes anything, and how it ended.
///
/// The doors to the backends (`Stores`, `Backends`, `FleetMember`) begin it with the store that they have just opened,
/// so no verb gets hold of a store or of Redis unrecorded.
final class AuditRecorder: Sendable {
    private enum State {
        case idle
        case begun(AuditEntry)
        /// It could not be written, and the verb goes on without it.
        case givenUp
    }

    private let action: AuditAction
    private let isRequired: Bool
    private let state = Mutex(State.idle)

    init(verb: String, target: String, reason: String?, isRequired: Bool) throws {
        self.isRequired = isRequired
        do {
            action = try AuditAction(
                user: Self.user(), host: Self.host(), verb: verb, target: target, reason: reason)
        } catch {
            throw CommandError.usage("--reason: \(error.message)")
        }
    }

    /// Writes the intent, once.
    ///
    /// - Throws: ``CommandError``; then nothing may be done.
    func begin(in store: any DurableStore) async throws {
        guard case .idle = state.withLock({ $0 }) else { return }
        do {
            let entry = try await AuditLog(of: store).begin(action)
            state.withLock { $0 = .begun(entry) }
        } catch {
            let failure = CommandError(error)
            guard isRequired else {
                state.withLock { $0 = .givenUp }
                return Output.complain(
                    "holdfast: the audit log cannot be written: \(TerminalText.escaped(failure.message))")
            }
            throw CommandError(
                failure.code, "nothing was done, since the audit log cannot be written: \(failure.reason)",
                advice: failure.advice)
        }
    }

    /// Writes the intent once more, where a restore has just taken it away.
    func beginAgain(in store: any DurableStore) async {
        guard case .begun(let entry) = state.withLock({ $0 }) else { return }
        do {
            try await AuditLog(of: store).begin(again: entry)
        } catch {
            Output.complain(
                "holdfast: the audit log cannot be written: \(TerminalText.escaped(CommandError(error).message))")
        }
    }

    /// Writes how it ended; where that fails, the entry stays one without an outcome.
    func end(_ result: Result<Void, any Error>, _ invocation: Invocation) async {
        guard case .begun(let entry) = state.withLock({ $0 }) else { return }
        do {
            var invocation = invocation
            invocation.createsStore = false
            let store = try Stores.open(invocation)
            do {
                try await AuditLog(of: store).end(entry, outcome: Self.word(for: result))
                await store.close()
            } catch {
                await store.close()
                throw error
            }
        } catch {
            let message = TerminalText.escaped(CommandError(error).message)
            Output.complain("holdfast: the audit log has no outcome of this run: \(message)")
        }
    }

    /// `done`, the word of an error, or the exit code where there is no word.
    static func word(for result: Result<Void, any Error>) -> String {
        switch result {
        case .success: "done"
        case .failure(let exit as ExitCode) where exit.rawValue == ExitStatus.interrupted.rawValue: "interrupted"
        case .failure(let exit as ExitCode): exit.rawValue == 0 ? "done" : "exit \(exit.rawValue)"
        case .failure(let error):
            CommandError(error).exitStatus == .interrupted ? "interrupted" : CommandError(error).code.rawValue
        }
    }

    /// The name of who runs this process, and for root through sudo who became it.
    private static func user() -> String {
        let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
        guard getuid() == 0, let before = getenv("SUDO_USER") else { return name }
        return "\(name) (\(String(cString: before)))"
    }

    private static func host() -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "unknown" }
        return bytes.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "unknown" }
    }
}
