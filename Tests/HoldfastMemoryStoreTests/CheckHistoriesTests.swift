import ModelTesting
import Synchronization
import Testing

@Suite struct CheckHistoriesTests {
    @Test("a structure that agrees with its reference passes, and every seed is run once")
    func passes() async throws {
        let runs = Atomic(0)
        try await checkHistories(500) {
            runs.add(1, ordering: .relaxed)
            return FaultySet(fault: .none)
        }
        #expect(runs.load(ordering: .relaxed) == 500)
    }

    @Test("a failing history is shrunk to the steps that it takes, printed with its seed")
    func shrinks() async throws {
        let failure = try await #require(throws: ModelFailure.self) {
            try await checkHistories(500, lengths: 30...60) { FaultySet(fault: .forgetsSevens) }
        }
        #expect(failure.operations == ["add 7", "contains 7"])
        #expect(failure.isReproducible)
        #expect(failure.originalCount >= 30)
        #expect("\(failure)".contains("seed \(failure.seed) fails, shrunk from \(failure.originalCount) to 2 steps"))
        #expect(failure.reason == "the answer is false, and the reference says true")

        let same = try await #require(throws: ModelFailure.self) {
            try await checkHistories(1, lengths: 30...60, firstSeed: failure.seed) { FaultySet(fault: .forgetsSevens) }
        }
        #expect(same.operations == failure.operations)
    }

    @Test("numbers that do not matter are made small")
    func simplifies() async throws {
        let failure = try await #require(throws: ModelFailure.self) {
            try await checkHistories(100) { FaultySet(fault: .refusesThirdAdd) }
        }
        #expect(failure.operations == ["add 0", "add 0", "add 0"])
    }

    @Test("a fault that does not come back is told with its whole history")
    func unsteady() async throws {
        let hasFailed = Atomic(false)
        let failure = try await #require(throws: ModelFailure.self) {
            try await checkHistories(1, lengths: 10...10) {
                FaultySet(fault: hasFailed.exchange(true, ordering: .relaxed) ? .none : .refusesEverything)
            }
        }
        #expect(!failure.isReproducible)
        #expect(failure.operations.count == 10)
    }
}

/// A set that forgets what the test wants it to forget.
private struct FaultySet: ModelSubject {
    enum Fault { case none, forgetsSevens, refusesThirdAdd, refusesEverything }

    enum Operation: CustomStringConvertible {
        case add(Int)
        case contains(Int)

        var description: String {
            switch self {
            case .add(let number): "add \(number)"
            case .contains(let number): "contains \(number)"
            }
        }
    }

    let fault: Fault
    var numbers: Set<Int> = []
    var reference: Set<Int> = []
    var adds = 0

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let number = generator.number(in: 0...9)
        return generator.happens(0.5) ? .add(number) : .contains(number)
    }

    static func simpler(than operation: Operation) -> [Operation] {
        guard case .add(let number) = operation, number > 0 else { return [] }
        return [.add(0)]
    }

    mutating func apply(_ operation: Operation) async throws {
        if fault == .refusesEverything { throw Disagreement("refused") }
        switch operation {
        case .add(let number):
            adds += 1
            if fault == .refusesThirdAdd, adds == 3 { throw Disagreement("the third") }
            reference.insert(number)
            if fault != .forgetsSevens || number != 7 { numbers.insert(number) }
        case .contains(let number):
            try agree(numbers.contains(number), reference.contains(number))
        }
    }
}
