import ModelTesting
import Testing

@testable import HoldfastStorage

@Suite("Lines that are served in turn")
struct FairQueueTests {
    @Test("keys take turns, however long the line of one is")
    func turns() {
        var queue = FairQueue<String, Int>()
        for number in 0..<100 { queue.append(number, to: "hot", isUrgent: false) }
        queue.append(0, to: "a", isUrgent: false)
        queue.append(0, to: "b", isUrgent: false)
        var served: [String] = []
        while let (key, _) = queue.popFirst() {
            served.append(key)
            queue.resume(key)
        }
        #expect(served.prefix(4) == ["hot", "a", "b", "hot"] && served.count == 102)
        #expect(queue.isIdle)
    }

    @Test("what is urgent goes before other keys, and takes along in order what stands before it on its own")
    func urgency() {
        var queue = FairQueue<String, String>()
        queue.append("other", to: "b", isUrgent: false)
        queue.append("first", to: "a", isUrgent: false)
        queue.append("second", to: "a", isUrgent: false)
        queue.append("emergency", to: "a", isUrgent: true)
        queue.append("later", to: "a", isUrgent: false)
        var served: [String] = []
        while let (key, element) = queue.popFirst() {
            served.append(element)
            queue.resume(key)
        }
        #expect(served == ["first", "second", "emergency", "other", "later"])
        #expect(queue.isIdle)
    }

    @Test("a key that is being served waits, however urgent, and keeps no other waiting")
    func serving() {
        var queue = FairQueue<String, String>()
        queue.append("first", to: "a", isUrgent: false)
        queue.append("other", to: "b", isUrgent: false)
        #expect(queue.popFirst()?.element == "first")
        queue.append("emergency", to: "a", isUrgent: true)
        #expect(queue.popFirst()?.element == "other")
        #expect(queue.popFirst() == nil && !queue.isIdle)
        queue.resume("a")
        #expect(queue.popFirst()?.element == "emergency")
    }

    @Test("without its emergency a key is as any other again")
    func calmed() {
        var queue = FairQueue<String, Int>()
        queue.append(1, to: "a", isUrgent: false)
        queue.append(2, to: "b", isUrgent: false)
        queue.append(3, to: "b", isUrgent: true)
        let removed = queue.remove { $0 == 3 }
        #expect(removed == [3])
        #expect(queue.popFirst()?.element == 1)
        #expect(queue.popFirst()?.element == 2)
    }

    /// Removing leaves no turn behind that a later element could use twice.
    @Test("random histories keep the order of each line, lose nothing, and serve each key at most once at a time")
    func histories() {
        for seed in UInt64(0)..<500 {
            var random = SeededGenerator(seed: seed)
            var queue = FairQueue<Int, Int>()
            var lines: [Int: [Int]] = [:]
            var served: Set<Int> = []
            for number in 0..<200 {
                let key = Int.random(in: 0..<5, using: &random)
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<5:
                    queue.append(number, to: key, isUrgent: number.isMultiple(of: 2))
                    lines[key, default: []].append(number)
                case 5..<7:
                    let waiting = lines.filter { !$0.value.isEmpty && !served.contains($0.key) }
                    guard let (key, element) = queue.popFirst() else {
                        #expect(waiting.isEmpty)
                        continue
                    }
                    #expect(served.insert(key).inserted)
                    #expect(element == waiting[key]?.first)
                    let urgent = waiting.filter { $0.value.contains { $0.isMultiple(of: 2) } }
                    #expect(urgent.isEmpty || urgent[key] != nil)
                    lines[key]?.removeAll { $0 == element }
                case 7..<9:
                    queue.resume(key)
                    served.remove(key)
                default:
                    let removed = queue.remove { $0 % 3 == 0 }
                    #expect(Set(removed) == Set(lines.values.joined().filter { $0 % 3 == 0 }))
                    for key in lines.keys { lines[key]?.removeAll { $0 % 3 == 0 } }
                }
                #expect(queue.count == lines.values.reduce(0) { $0 + $1.count })
            }
            let urgent = lines.values.joined().filter { $0.isMultiple(of: 2) }
            _ = queue.removeAll(keepingUrgent: true)
            #expect(queue.count == urgent.count)
            #expect(Set(queue.removeAll()) == Set(urgent) && queue.count == 0)
        }
    }
}
