import Dispatch
import HoldfastStorage

/// Runs a game's own code within a limit of time; what fails is reported and never passed on.
struct HookRunner: Sendable {
    let record: RecordID
    let host: SessionHost

    /// Runs `body` and returns once it has ended or the limit has passed; it is cancelled then.
    func run(
        _ hook: SessionHook, limit: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) async {
        let ticket = Ticket<Bool>()
        let work = Task.detached {
            do {
                try await body()
                ticket.resolve(.success(true))
            } catch {
                ticket.resolve(.failure(Self.thrown(error, record: record)))
            }
        }
        _ = await outcome(of: ticket, hook, limit: limit)
        work.cancel()
    }

    /// Runs `body` on a thread that may block; nil when it threw or the limit has passed.
    func runBlocking<Value: Sendable>(
        _ hook: SessionHook, limit: Duration, _ body: @escaping @Sendable () throws -> Value
    ) async -> Value? {
        let ticket = Ticket<Value>()
        DispatchQueue.global().async {
            do {
                ticket.resolve(.success(try body()))
            } catch {
                ticket.resolve(.failure(Self.thrown(error, record: record)))
            }
        }
        return await outcome(of: ticket, hook, limit: limit)
    }

    /// Tells of a hook that failed.
    func report(_ hook: SessionHook, _ error: any Error) {
        host.metrics.hookFailed(hook)
        host.observer?.hookFailed(record, hook: hook, error: error)
        host.logger.error(
            "a hook failed",
            metadata: [
                "holdfast.record": "\(record)", "holdfast.hook": "\(hook.rawValue)", "holdfast.error": "\(error)",
            ]
        )
    }

    private func outcome<Value>(of ticket: Ticket<Value>, _ hook: SessionHook, limit: Duration) async -> Value? {
        // A timer of its own: hooks run while the coordinator's tick may have stopped already.
        let timer = Task.detached { [record] in
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            ticket.resolve(.failure(ProfileError(.deadline, "the hook did not end in time", record: record)))
        }
        defer { timer.cancel() }
        do {
            return try await ticket.value(until: .now + limit)
        } catch {
            report(hook, error.underlying ?? error)
            return nil
        }
    }

    private static func thrown(_ error: any Error, record: RecordID) -> ProfileError {
        ProfileError(.internalError, "the hook threw", record: record, underlying: error)
    }
}
