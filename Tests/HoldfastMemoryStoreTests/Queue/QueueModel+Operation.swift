import ModelTesting

extension QueueModel {
    enum Operation: CustomStringConvertible {
        case add(count: Int, priority: Int, ticks: Int)
        /// Sends the additions of an earlier step once more.
        case addAgain(Int)
        case read(count: Int, all: Bool, ticks: Int)
        /// Sends an earlier read once more.
        case readAgain(Int)
        case remove(Int, repeated: Bool)
        case extend(Int, ticks: Int)
        case release(Int, part: Bool, ticks: Int)
        case peek(Int)
        case size
        case pass(ticks: Int)
        case sweep
        case deadLetters
        case requeue(Int, ticks: Int?)
        case discard(Int)

        var description: String {
            switch self {
            case .add(let count, let priority, let ticks):
                "add \(count) items of priority \(priority) for \(ticks) ticks"
            case .addAgain(let index): "send addition \(index) again"
            case .read(let count, let all, let ticks):
                "read \(all ? "exactly" : "up to") \(count), invisible for \(ticks) ticks"
            case .readAgain(let index): "send read \(index) again"
            case .remove(let index, let repeated): "remove batch \(index)\(repeated ? " again" : "")"
            case .extend(let index, let ticks): "extend batch \(index) by \(ticks) ticks"
            case .release(let index, let part, let ticks):
                "release \(part ? "the first of" : "") batch \(index) after \(ticks) ticks"
            case .peek(let count): "peek at \(count)"
            case .size: "size"
            case .pass(let ticks): "pass \(ticks) ticks"
            case .sweep: "sweep"
            case .deadLetters: "dead letters"
            case .requeue(let index, let ticks):
                "requeue letter \(index) for \(ticks.map { "\($0)" } ?? "the same") ticks"
            case .discard(let index): "discard letter \(index)"
            }
        }
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let index = generator.number(in: 0...30)
        let ticks = generator.number(in: 1...8)
        return switch generator.number(in: 0...24) {
        case 0...5:
            .add(
                count: generator.number(in: 1...4), priority: generator.number(in: -1...2),
                ticks: generator.one(of: [2, 6, 20, 100]))
        case 6: .addAgain(index)
        case 7...11: .read(count: generator.number(in: 1...5), all: generator.happens(0.3), ticks: ticks)
        case 12: .readAgain(index)
        case 13...14: .remove(index, repeated: generator.happens(0.3))
        case 15: .extend(index, ticks: ticks)
        case 16...17: .release(index, part: generator.happens(0.5), ticks: generator.one(of: [0, 0, 1, 4]))
        case 18: .peek(generator.number(in: 1...10))
        case 19: .size
        case 20: .pass(ticks: ticks)
        case 21: .sweep
        case 22: .deadLetters
        case 23: .requeue(index, ticks: generator.happens(0.5) ? ticks : nil)
        default: .discard(index)
        }
    }

    static func simpler(than operation: Operation) -> [Operation] {
        switch operation {
        case .add(let count, let priority, let ticks) where count > 1 || priority != 0 || ticks != 100:
            [.add(count: 1, priority: 0, ticks: 100), .add(count: count, priority: 0, ticks: ticks)]
        case .read(let count, let all, let ticks) where count > 1 || all:
            [.read(count: 1, all: false, ticks: ticks), .read(count: count, all: false, ticks: ticks)]
        default: []
        }
    }
}
