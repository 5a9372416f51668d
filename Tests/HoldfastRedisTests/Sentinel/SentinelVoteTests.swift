import Testing

@testable import HoldfastRedis

@Suite("The answers of Sentinels")
struct SentinelVoteTests {
    typealias Address = RedisConfiguration.Address

    private let old = Address.tcp(host: "old", port: 1)
    private let new = Address.tcp(host: "new", port: 2)

    private func vote(_ answers: [SentinelVote.Answer], of sentinels: Int = 3) -> SentinelVote {
        var vote = SentinelVote(sentinels: sentinels, name: "main")
        for answer in answers { vote.add(answer) }
        return vote
    }

    @Test("the majority is tried first, whatever the order, and the others after failures")
    func majority() throws {
        let vote = vote([.master(old), .master(new), .master(new)])
        #expect(try (0...3).map { try vote.master(failures: $0) } == [new, old, new, old])
        #expect(vote.isDecided)
    }

    @Test("two of three that agree are enough, one is not, and silence is no vote")
    func decided() throws {
        #expect(!vote([.master(new)]).isDecided)
        #expect(vote([.master(new), .master(new)]).isDecided)
        #expect(!vote([.master(old), .master(new)]).isDecided)
        #expect(!vote([.master(new), .failure(.deadline, "x"), .unknownName]).isDecided)
        #expect(!vote([.master(new), .master(new)], of: 4).isDecided)
        // Undecided is better than nothing.
        #expect(try vote([.failure(.deadline, "x"), .master(new)]).master(failures: 0) == new)
    }

    @Test("no Sentinel and no such name are told apart, and refused credentials are final")
    func errors() {
        func code(_ answers: [SentinelVote.Answer]) -> RedisError.Code? {
            let error = #expect(throws: RedisError.self) { try vote(answers).master(failures: 0) }
            return error?.code
        }
        #expect(code([]) == .unavailable)
        #expect(code([.failure(.deadline, "a: silent"), .failure(.deadline, "b: silent")]) == .unavailable)
        #expect(code([.failure(.deadline, "a: silent"), .unknownName]) == .badInput)
        #expect(code([.failure(.denied, "x"), .failure(.denied, "x")]) == .denied)
        #expect(code([.failure(.denied, "x"), .failure(.deadline, "y")]) == .unavailable)
    }

    @Test("the reasons are named once each")
    func reasons() {
        let error = #expect(throws: RedisError.self) {
            try vote([.failure(.deadline, "one"), .failure(.deadline, "one"), .failure(.deadline, "two")])
                .master(failures: 0)
        }
        #expect(error?.message.hasSuffix(": one; two") == true)
    }
}
