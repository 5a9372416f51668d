import Synchronization
import TestServers
import Testing

@testable import HoldfastMemoryStore

/// Keeps structures at work while a test moves, kills and freezes servers, and counts what their callers see.
final class Drill: Sendable {
    private struct State {
        var successes: [String: Int] = [:]
        /// Errors of callers, by structure and code.
        var errors: [String: Int] = [:]
        var isOver = false
    }

    private let loads: [any DrillLoad]
    private let state = Mutex(State())

    init(_ loads: [any DrillLoad]) {
        self.loads = loads
    }

    /// What callers have seen so far: how often which error, by structure and code.
    var errors: [String: Int] { state.withLock { $0.errors } }

    /// Works while `body` runs, lets the last steps come to their end, and verifies.
    func run(tasks: Int, mayLose: Bool, while body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for load in loads { group.addTask { try await load.attend() } }
            try await withThrowingTaskGroup(of: Void.self) { workers in
                for load in loads {
                    for task in 0..<tasks { workers.addTask { await self.work(load, task) } }
                }
                defer { state.withLock { $0.isOver = true } }
                try await more(1, of: loads)
                try await body()
            }
            for load in loads { try await load.verify(mayLose: mayLose) }
            group.cancelAll()
        }
    }

    /// Waits until every structure has done some more.
    func more(_ count: Int) async throws {
        try await more(count, of: loads)
    }

    /// Waits until some structures have begun and ended another step, and tells how long each of them took.
    func recover(_ names: [String]) async throws -> [(name: String, time: Duration)] {
        let chosen = loads.filter { names.contains($0.name) }
        let began = ContinuousClock.now
        var missing = Dictionary(uniqueKeysWithValues: chosen.map { ($0.name, successes(of: $0)) })
        var times: [(name: String, time: Duration)] = []
        try await eventually("\(missing.keys.sorted()) work again") {
            for load in chosen {
                guard let before = missing[load.name], successes(of: load) > before else { continue }
                missing[load.name] = nil
                times.append((load.name, .now - began))
            }
            return missing.isEmpty
        }
        return times
    }

    private func more(_ count: Int, of loads: [any DrillLoad]) async throws {
        for load in loads {
            let wanted = successes(of: load) + count
            do {
                try await eventually("more work") { successes(of: load) >= wanted }
            } catch {
                throw TestServerError("\(load.name) does not get on; callers saw \(errors)")
            }
        }
    }

    private func successes(of load: any DrillLoad) -> Int {
        state.withLock { $0.successes[load.name, default: 0] }
    }

    private func work(_ load: any DrillLoad, _ task: Int) async {
        var number = 0
        while !state.withLock({ $0.isOver }), !Task.isCancelled {
            number += 1
            do {
                guard try await load.step(task: task, number: number) else { continue }
                state.withLock { $0.successes[load.name, default: 0] += 1 }
            } catch let error as MemoryStoreError where error.isRetriable {
                state.withLock { $0.errors["\(load.name) \(error.code)", default: 0] += 1 }
            } catch {
                Issue.record("\(load.name): \(error)")
                // The next ones would end the same.
                return state.withLock { $0.isOver = true }
            }
        }
    }

    /// Sends a request, which is recognised when it comes again, until its outcome is known.
    static func settle<Result>(_ request: () async throws -> Result) async throws -> Result {
        while true {
            do {
                return try await request()
            } catch let error as MemoryStoreError {
                guard error.code == .outcomeUnknown, !Task.isCancelled else { throw error }
            }
        }
    }
}
