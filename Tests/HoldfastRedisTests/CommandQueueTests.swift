import ModelTesting
import NIOCore
import Testing

@testable import HoldfastRedis

@Suite("The queue of one lane")
struct CommandQueueTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func makeQueue(inFlight: Int = 100, bytes: Int = 10_000) -> CommandQueue<Int> {
        CommandQueue(maximumInFlight: inFlight, maximumQueuedBytes: bytes, silenceLimit: .seconds(5))
    }

    private func submit(
        _ number: Int, to queue: inout CommandQueue<Int>, at time: NIODeadline? = nil, timeout: TimeAmount = .seconds(5)
    ) {
        let command = RedisCommand.plain([.integer(Int64(number))])
        queue.submit(
            command, length: command.maximumLength, ticket: UInt64(number), caller: number,
            deadline: (time ?? start) + timeout, timeout: timeout)
    }

    private func wire(_ numbers: Int...) -> String {
        numbers.map { "*1\r\n$\("\($0)".count)\r\n\($0)\r\n" }.joined()
    }

    private func cancel(_ ticket: Int, in queue: inout CommandQueue<Int>) -> (caller: Int, wasWritten: Bool)? {
        queue.cancel(ticket: UInt64(ticket))
    }

    private func replied(_ queue: inout CommandQueue<Int>) -> Int? {
        if case .caller(let caller) = queue.takeReplied() { caller } else { nil }
    }

    @Test("replies go to the callers in the order of their calls")
    func order() {
        var queue = makeQueue()
        for number in 1...3 { submit(number, to: &queue) }
        #expect(queue.takeOutbound().map { String(buffer: $0) } == wire(1, 2, 3))
        submit(4, to: &queue)
        #expect((1...3).map { _ in replied(&queue) } == [1, 2, 3])
        guard case .unexpected = queue.takeReplied() else {
            Issue.record("a reply to an unwritten command was accepted")
            return
        }
        #expect(queue.takeOutbound().map { String(buffer: $0) } == wire(4))
        #expect(replied(&queue) == 4)
        #expect(queue.takeOutbound() == nil)
    }

    @Test("a cancelled unwritten command is never written, its neighbours are")
    func cancelUnwritten() throws {
        var queue = makeQueue()
        for number in 1...5 { submit(number, to: &queue) }
        let cancelled = cancel(2, in: &queue)
        #expect(cancelled?.wasWritten == false)
        #expect(queue.takeOutbound().map { String(buffer: $0) } == wire(1, 3, 4, 5))
        #expect((1...4).map { _ in replied(&queue) } == [1, 3, 4, 5])
        let gone = cancel(2, in: &queue)
        #expect(gone == nil)
    }

    @Test("a cancelled written command drops its late reply only")
    func cancelWritten() throws {
        var queue = makeQueue()
        for number in 1...3 { submit(number, to: &queue) }
        _ = queue.takeOutbound()
        let cancelled = cancel(2, in: &queue)
        #expect(cancelled?.wasWritten == true)
        #expect((1...3).map { _ in replied(&queue) } == [1, nil, 3])
    }

    @Test("a command behind ASKING is written with it, cut out with it, and gets the second reply")
    func asking() {
        var queue = makeQueue()
        func ask(_ number: Int) {
            let command = RedisCommand.asking(.plain([.integer(Int64(number))]))
            queue.submit(
                command, length: command.maximumLength, ticket: UInt64(number), caller: number,
                deadline: start + .seconds(5), timeout: .seconds(5))
        }
        submit(1, to: &queue)
        ask(2)
        ask(3)
        submit(4, to: &queue)
        #expect(cancel(2, in: &queue)?.wasWritten == false)
        #expect(
            queue.takeOutbound().map { String(buffer: $0) }
                == wire(1) + "*1\r\n$6\r\nASKING\r\n" + wire(3) + wire(4))
        #expect((1...4).map { _ in replied(&queue) } == [1, nil, 3, 4])
        ask(5)
        _ = queue.takeOutbound()
        #expect(replied(&queue) == nil)
        #expect(queue.connectionLost() == [5])
        #expect(queue.inFlight == 0)
    }

    @Test("callers beyond the bound on commands wait in order")
    func inFlightBound() {
        var queue = makeQueue(inFlight: 2)
        for number in 1...5 { submit(number, to: &queue) }
        #expect(queue.inFlight == 2 && queue.waiting == 3)
        #expect(queue.takeOutbound().map { String(buffer: $0) } == wire(1, 2))
        #expect(replied(&queue) == 1)
        queue.admitWaiters()
        #expect(queue.takeOutbound().map { String(buffer: $0) } == wire(3))
        #expect(queue.waiting == 2)
        let four = cancel(4, in: &queue)
        #expect(four?.caller == 4)
        #expect(queue.waiting == 1)
    }

    @Test("callers beyond the bound on bytes wait, but one large command may go alone")
    func bytesBound() {
        var queue = makeQueue(bytes: 10)
        for number in 1...2 { submit(number, to: &queue) }
        #expect(queue.inFlight == 1 && queue.waiting == 1)
        #expect(queue.takeOutbound().map { String(buffer: $0) } == wire(1))
        queue.admitWaiters()
        #expect(queue.takeOutbound().map { String(buffer: $0) } == wire(2))
    }

    @Test("a lost connection takes the written commands; the others go over to the next one")
    func connectionLost() {
        var queue = makeQueue(inFlight: 3)
        for number in 1...2 { submit(number, to: &queue) }
        _ = queue.takeOutbound()
        for number in 3...5 { submit(number, to: &queue) }
        #expect(queue.connectionLost() == [1, 2])
        #expect(queue.takeOutbound().map { String(buffer: $0) } == wire(3, 4, 5))
        #expect(queue.failUnsent() == [])
    }

    @Test("deadlines tell sent from unsent, and say when to look again")
    func expiry() {
        var queue = makeQueue(inFlight: 3)
        submit(1, to: &queue, timeout: .seconds(1))
        submit(2, to: &queue, timeout: .seconds(9))
        _ = queue.takeOutbound()
        submit(3, to: &queue, timeout: .seconds(1))
        submit(4, to: &queue, timeout: .seconds(1))
        submit(5, to: &queue, timeout: .seconds(2))
        let expiry = queue.expire(now: start + .seconds(1), lastRead: start)
        #expect(expiry.written == [1])
        #expect(expiry.unsent == [3, 4])
        #expect(expiry.next == start + .seconds(2))
        #expect(!expiry.isStalled)
        #expect(queue.takeOutbound().map { String(buffer: $0) } == wire(5))
        #expect((1...3).map { _ in replied(&queue) } == [nil, 2, 5])
    }

    @Test("a connection is stalled once it owes a reply and has been silent for the limit")
    func stalled() {
        var queue = makeQueue()
        submit(1, to: &queue, timeout: .seconds(1))
        _ = queue.takeOutbound()
        let long = start - .hours(1)
        #expect(!queue.expire(now: start + .seconds(4), lastRead: long).isStalled)
        #expect(!queue.expire(now: start + .seconds(5), lastRead: start + .seconds(3)).isStalled)
        #expect(queue.expire(now: start + .seconds(5), lastRead: long).isStalled)
        #expect(replied(&queue) == nil)
        #expect(!queue.expire(now: start + .seconds(60), lastRead: long).isStalled)
    }

    @Test("a random mix of calls, cancellations, writes and replies mixes nobody up", arguments: 0..<20)
    func randomMix(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = makeQueue(inFlight: 8, bytes: 120)
        var gone: Set<Int> = []
        var onWire: [Int] = []
        var answered: [Int] = []
        var next = 100
        for _ in 0..<2000 {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                submit(next, to: &queue)
                next += 1
            case 2:
                let victim = Int.random(in: 100..<max(101, next), using: &generator)
                if let (caller, wasWritten) = queue.cancel(ticket: UInt64(victim)) {
                    #expect(caller == victim)
                    #expect(wasWritten == onWire.contains(victim))
                    gone.insert(victim)
                }
            case 3:
                guard let bytes = queue.takeOutbound() else { continue }
                let numbers = String(buffer: bytes).split(separator: "\r\n").filter {
                    "*$".contains($0.first ?? "*") == false
                }
                onWire += numbers.compactMap { Int($0) }
            default:
                guard !onWire.isEmpty else { continue }
                let number = onWire.removeFirst()
                #expect(replied(&queue) == (gone.contains(number) ? nil : number))
                answered.append(number)
                queue.admitWaiters()
            }
        }
        #expect(answered == answered.sorted())
        #expect(queue.inFlight <= 8)
    }
}
