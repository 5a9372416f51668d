import ModelTesting
import Testing

@testable import HoldfastRedis

@Suite("A command on its way through a cluster")
struct CommandAttemptTests {
    typealias Address = RedisConfiguration.Address

    private let here = Address.tcp(host: "here", port: 1)
    private let there = Address.tcp(host: "there", port: 2)

    private func judge(
        _ attempt: inout CommandAttempt, _ text: String, timeLeft: Duration = .seconds(5), inCluster: Bool = true
    ) -> (step: CommandAttempt.Step, lesson: CommandAttempt.Lesson?) {
        var generator = SeededGenerator(seed: 7)
        return attempt.judge(
            .success(.error(RedisServerError(text: text))), from: inCluster ? here : nil, timeLeft: timeLeft,
            using: &generator)
    }

    private func isRest(_ step: CommandAttempt.Step) -> Bool {
        if case .rest = step { true } else { false }
    }

    @Test("MOVED sends it on and is learned")
    func moved() throws {
        var attempt = CommandAttempt(isScript: false)
        let (step, lesson) = judge(&attempt, "MOVED 5 there:2")
        #expect(step == .send && attempt.target == .node(there))
        let redirection = try #require(Redirection(RedisServerError(text: "MOVED 5 there:2"), askedAt: here))
        #expect(lesson == .moved(redirection))
    }

    @Test("ASK sends it on behind ASKING and is not learned")
    func ask() {
        var attempt = CommandAttempt(isScript: false)
        let (step, lesson) = judge(&attempt, "ASK 5 there:2")
        #expect(step == .send && lesson == nil && attempt.target == .asking(there))
        // The slot's keys are split: from the start again, later.
        let (next, _) = judge(&attempt, "TRYAGAIN later")
        #expect(isRest(next) && attempt.target == .owner)
    }

    @Test("a node that sends it to itself makes it wait")
    func loop() {
        var attempt = CommandAttempt(isScript: false)
        let (step, lesson) = judge(&attempt, "MOVED 5 here:1")
        #expect(isRest(step) && lesson == .unsettled && attempt.target == .owner)
    }

    @Test(
        "nodes that disagree are asked again, with rests in between, until the time is up", arguments: ["MOVED", "ASK"])
    func endless(word: String) {
        var attempt = CommandAttempt(isScript: false)
        for round in 0..<100 {
            let (step, _) = judge(&attempt, "\(word) 5 there:2")
            #expect(round < CommandAttempt.patientRedirections ? step == .send : isRest(step))
        }
        #expect(judge(&attempt, "\(word) 5 there:2", timeLeft: .zero).step == .finish)
    }

    @Test(
        "refusals that pass are waited out",
        arguments: [
            ("TRYAGAIN x", CommandAttempt.Lesson?.none), ("CLUSTERDOWN x", .unsettled), ("LOADING x", .unsettled),
            ("READONLY x", .demoted), ("MASTERDOWN x", .demoted), ("UNBLOCKED x", .demoted),
        ])
    func refusals(text: String, expected: CommandAttempt.Lesson?) {
        var attempt = CommandAttempt(isScript: false)
        for _ in 0..<3 {
            let (step, lesson) = judge(&attempt, text)
            #expect(isRest(step) && lesson == expected && attempt.target == .owner)
        }
        #expect(judge(&attempt, text, timeLeft: .zero).step == .finish)
    }

    @Test(
        "all other answers are the caller's",
        arguments: ["ERR x", "WRONGTYPE x", "OOM x", "BUSY x", "NOPERM x", "CROSSSLOT x", "MISCONF x", "NOREPLICAS x"])
    func others(text: String) {
        var attempt = CommandAttempt(isScript: true)
        let (step, lesson) = judge(&attempt, text)
        #expect(step == .finish && lesson == nil)
    }

    @Test("outside a cluster redirections are the caller's")
    func standalone() {
        for text in ["MOVED 5 there:2", "ASK 5 there:2"] {
            var attempt = CommandAttempt(isScript: false)
            #expect(judge(&attempt, text, inCluster: false).step == .finish)
        }
    }

    @Test("a script that a node does not know is sent in full to the same node, behind ASKING too")
    func noScript() {
        var attempt = CommandAttempt(isScript: true)
        _ = judge(&attempt, "ASK 5 there:2")
        #expect(judge(&attempt, "NOSCRIPT x").step == .send)
        #expect(attempt.needsSource && attempt.target == .asking(there))
        #expect(judge(&attempt, "NOSCRIPT x").step == .finish)
        var plain = CommandAttempt(isScript: false)
        #expect(judge(&plain, "NOSCRIPT x").step == .finish)
    }

    @Test(
        "what may have been executed is never sent again",
        arguments: [RedisError.Code.outcomeUnknown, .cancelled, .deadline, .closed, .denied, .protocolViolation])
    func doubt(code: RedisError.Code) {
        var generator = SeededGenerator(seed: 1)
        var attempt = CommandAttempt(isScript: true)
        let verdict = attempt.judge(
            .failure(RedisError(code, "x")), from: here, timeLeft: .seconds(5), using: &generator)
        #expect(verdict.step == .finish)
    }

    @Test("what a lane gave back unsent goes to the owner anew")
    func unsent() {
        var generator = SeededGenerator(seed: 1)
        var attempt = CommandAttempt(isScript: false)
        _ = judge(&attempt, "MOVED 5 there:2")
        let verdict = attempt.judge(
            .failure(RedisError(.unavailable, "x")), from: there, timeLeft: .seconds(5), using: &generator)
        #expect(verdict.step == .send && attempt.target == .owner)
    }

    @Test("rests grow, never vanish and never outlast the time that is left")
    func rests() {
        var generator = SeededGenerator(seed: 3)
        var attempt = CommandAttempt(isScript: false)
        var total = Duration.zero
        for round in 0..<20 {
            guard case .rest(let rest) = attempt.rest(timeLeft: .seconds(60), using: &generator) else { return }
            #expect(rest >= .milliseconds(5) && rest <= .milliseconds(500))
            if round >= 6 { #expect(rest >= .milliseconds(250)) }
            total += rest
        }
        #expect(attempt.rest(timeLeft: .milliseconds(1), using: &generator) == .rest(.milliseconds(1)))
    }
}
