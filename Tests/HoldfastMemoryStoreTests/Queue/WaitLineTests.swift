import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct WaitLineTests {
    /// A line in which everybody has looked once, in vain.
    private func line(_ count: UInt64) -> WaitLine {
        var line = WaitLine()
        for id in 1...count {
            line.join(id)
            _ = line.finish(id, .nothing)
        }
        return line
    }

    @Test("a hint gives the turn to the first alone, and further hints become one more look")
    func coalesces() {
        var line = line(3)
        #expect(line.wake() == .turn(1))
        for _ in 0..<10 { #expect(line.wake() == .noted) }
        #expect(line.finish(1, .nothing) == 1)
        #expect(line.finish(1, .nothing) == nil)
    }

    @Test("whoever finds something passes the turn on, whoever finds nothing keeps its place")
    func chain() {
        var line = line(3)
        #expect(line.wake() == .turn(1))
        #expect(line.finish(1, .found) == 2)
        #expect(line.finish(2, .found) == 3)
        #expect(line.finish(3, .nothing) == nil)
        #expect(line.line == [3])
        #expect(line.wake() == .turn(3))
    }

    @Test("one who wants more than there is lets those behind look")
    func tooFew() {
        var line = line(3)
        #expect(line.wake() == .turn(1))
        #expect(line.finish(1, .tooFew) == 2)
        #expect(line.finish(2, .found) == 1)
        #expect(line.finish(1, .tooFew) == 3)
        #expect(line.finish(3, .nothing) == nil)
        #expect(line.line == [1, 3])
    }

    @Test("a hint that comes while a newcomer looks makes it look again")
    func newcomer() {
        var line = WaitLine()
        #expect(line.wake() == .unwanted)
        line.join(1)
        #expect(line.wake() == .noted)
        #expect(line.finish(1, .nothing) == 1)
        #expect(line.looking == 1)
        #expect(line.finish(1, .nothing) == nil)
    }

    @Test("a newcomer that finds something wakes one who waits")
    func newcomerFinds() {
        var line = line(1)
        line.join(2)
        #expect(line.finish(2, .found) == 1)
    }

    @Test("one who leaves with the turn passes it on, and without it changes nothing")
    func leaving() {
        var line = line(3)
        #expect(line.wake() == .turn(1))
        #expect(line.leave(2) == nil)
        #expect(line.leave(1) == 3)
        #expect(line.leave(3) == nil)
        #expect(line.isEmpty)
        #expect(line.wake() == .unwanted)
    }

    /// Items come, hints come late or never, people come, look and leave: whoever waits while nobody looks and no
    /// hint is under way must not be able to take anything.
    @Test("nobody who could have an item is left waiting")
    func liveness() {
        for seed in 1...3_000 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var line = WaitLine()
            var items = 0
            var hints = 0
            /// Those who look, with what they will find once their request reaches Redis.
            var looking: [(id: UInt64, found: Bool?)] = []
            var next: UInt64 = 0
            func take(_ id: UInt64?) {
                if let id { looking.append((id, nil)) }
            }
            for step in 0..<60 {
                // In the end no new items, hints or people.
                switch step < 40 ? generator.number(in: 0...4) : generator.number(in: 2...3) {
                case 0:
                    items += 1
                    hints += 1
                case 1:
                    next += 1
                    line.join(next)
                    looking.append((next, nil))
                case 2 where hints > 0:
                    hints -= 1
                    if case .turn(let id) = line.wake() { take(id) }
                case 3 where !looking.isEmpty:
                    let index = generator.number(in: 0...looking.count - 1)
                    if let found = looking[index].found {
                        let id = looking.remove(at: index).id
                        take(line.finish(id, found ? .found : .nothing))
                    } else {
                        looking[index].found = items > 0
                        if items > 0 { items -= 1 }
                    }
                case 4 where !line.isEmpty && generator.happens(0.3):
                    let id = generator.one(of: line.line)
                    if let index = looking.firstIndex(where: { $0.id == id }) {
                        // It gives up with the answer on its way: what it took comes back later.
                        looking.remove(at: index)
                    }
                    take(line.leave(id))
                default: break
                }
                if looking.isEmpty, hints == 0 { #expect(items == 0 || line.isEmpty, "seed \(seed)") }
            }
        }
    }
}
