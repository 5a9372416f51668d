import Foundation

/// Runs `count` seeded histories and shrinks the first one that fails.
///
/// Histories are independent, so several run at a time. To look at one seed again, pass it as `firstSeed` with a
/// `count` of 1. The environment variable `HOLDFAST_TEST_HISTORIES` multiplies every other count: a test asks for as
/// many as it takes to find what it is there to find, and 10 makes thousands of them.
///
/// - Parameters:
///   - count: How many histories to run, with the seeds from `firstSeed` on.
///   - lengths: The numbers of steps that a history may have.
///   - tasks: How many histories run at a time.
///   - make: Makes both sides anew, empty and apart from all others: under keys of their own.
/// - Throws: ``ModelFailure`` with the seed and the shortest history that still fails.
public func checkHistories<Subject: ModelSubject>(
    _ count: Int, lengths: ClosedRange<Int> = 1...40, firstSeed: UInt64 = 1, tasks: Int = 16,
    make: @escaping @Sendable () async throws -> Subject
) async throws {
    @Sendable func failure(_ history: [Subject.Operation]) async -> (any Error)? {
        do {
            var subject = try await make()
            for operation in history { try await subject.apply(operation) }
            try await subject.finish()
            return nil
        } catch {
            return error
        }
    }

    let total = count == 1 ? 1 : count * factor
    let failed = await withTaskGroup(of: (UInt64, any Error)?.self) { group in
        for first in 0..<min(tasks, total) {
            group.addTask {
                for number in stride(from: first, to: total, by: tasks) {
                    if Task.isCancelled { return nil }
                    let seed = firstSeed &+ UInt64(number)
                    let error = await failure(history(of: Subject.self, seed: seed, lengths: lengths))
                    // A history that was cut short by another's failure says nothing.
                    if let error, !Task.isCancelled { return (seed, error) }
                }
                return nil
            }
        }
        var first: (UInt64, any Error)?
        for await result in group where first == nil {
            guard let result else { continue }
            first = result
            group.cancelAll()
        }
        return first
    }
    try Task.checkCancellation()
    guard let (seed, error) = failed else { return }

    let original = history(of: Subject.self, seed: seed, lengths: lengths)
    let again = await failure(original)
    var shrinker = HistoryShrinker(
        history: original, reason: again ?? error, simpler: { Subject.simpler(than: $0) }, run: failure)
    if again != nil { await shrinker.shrink() }
    throw ModelFailure(
        seed: seed, originalCount: original.count, operations: shrinker.history.map(\.description),
        reason: "\(shrinker.reason)", isReproducible: again != nil)
}

private let factor = ProcessInfo.processInfo.environment["HOLDFAST_TEST_HISTORIES"].flatMap { Int($0) } ?? 1

/// Draws the history that belongs to `seed`.
func history<Subject: ModelSubject>(
    of type: Subject.Type, seed: UInt64, lengths: ClosedRange<Int>
) -> [Subject.Operation] {
    var generator = SeededGenerator(seed: seed)
    let length = Int.random(in: lengths, using: &generator)
    return (0..<length).map { _ in Subject.draw(using: &generator) }
}
