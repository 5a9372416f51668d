import ArgumentParser
import Dispatch
import Glibc
import Synchronization

/// Runs a verb until it ends, its deadline passes or the operator interrupts it, whichever comes first.
enum VerbRun {
    private enum Event: Sendable {
        case ended(Result<Void, any Error>)
        case deadline(Duration)
        case interrupted
    }

    /// How long a verb that was cancelled may take to end what it has begun and to give back what it holds.
    private static let grace: Duration = .seconds(6)

    /// Runs `work`.
    ///
    /// - Throws: What the work throws; a deadline or an interruption as ``CommandError``.
    static func run(deadline: Duration?, _ work: @escaping @Sendable () async throws -> Void) async throws {
        let first = FirstEvent<Event>()
        let last = FirstEvent<Event>()
        let task = Task {
            let result: Result<Void, any Error>
            do {
                result = .success(try await work())
            } catch {
                result = .failure(error)
            }
            first.send(.ended(result))
            last.send(.ended(result))
        }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { first.send(.interrupted) }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        let timer = deadline.map { deadline in
            Task {
                try await Task.sleep(for: deadline)
                first.send(.deadline(deadline))
            }
        }
        defer { timer?.cancel() }

        let event = await first.next()
        if case .ended(let result) = event { return try result.get() }
        task.cancel()
        let patience = Task {
            try await Task.sleep(for: grace)
            last.send(.interrupted)
        }
        let end = await last.next()
        patience.cancel()
        // Work that ends with an exit code has printed its document: there is no second one.
        if case .ended(.failure(let exit as ExitCode)) = end {
            if case .interrupted = event { throw ExitCode(ExitStatus.interrupted.rawValue) }
            throw exit
        }
        // The work may have succeeded in the meantime.
        if case .ended(.success) = end { return }
        if case .deadline(let duration) = event {
            // Or it has found a better reason.
            if case .ended(.failure(let error as CommandError)) = end, error.code != .deadline { throw error }
            throw CommandError(
                .deadline, "not done within \(DurationText.format(duration)); raise --timeout or check Redis and store")
        }
        throw CommandError.interrupted
    }
}

/// The first of several events, awaited by one task.
private final class FirstEvent<Event: Sendable>: Sendable {
    private let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(1))
    }

    func send(_ event: Event) {
        continuation.yield(event)
    }

    func next() async -> Event {
        for await event in stream { return event }
        // Cancelled: the process is about to end anyway, and no event will come any more.
        while true { await Task.yield() }
    }
}
