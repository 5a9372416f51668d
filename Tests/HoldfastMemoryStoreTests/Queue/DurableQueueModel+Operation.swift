import ModelTesting

extension DurableQueueModel {
    enum Operation: CustomStringConvertible {
        case add(durable: Bool, count: Int, priority: Int, ticks: Int)
        case push
        case read(count: Int, ticks: Int)
        /// Where it does not trim, the reader dies between Redis and the store.
        case remove(Int, trims: Bool)
        case release(Int)
        case requeue(Int)
        case discard(Int)
        case scrub
        case flush
        case pass(ticks: Int)
        case look

        var description: String {
            switch self {
            case .add(let durable, let count, let priority, let ticks):
                "add \(count) \(durable ? "durable" : "fast") items of priority \(priority) for \(ticks) ticks"
            case .push: "push"
            case .read(let count, let ticks): "read up to \(count), invisible for \(ticks) ticks"
            case .remove(let index, let trims): "remove batch \(index)\(trims ? "" : " and die")"
            case .release(let index): "release batch \(index)"
            case .requeue(let index): "requeue letter \(index)"
            case .discard(let index): "discard letter \(index)"
            case .scrub: "scrub"
            case .flush: "flush"
            case .pass(let ticks): "pass \(ticks) ticks"
            case .look: "look"
            }
        }
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let index = generator.number(in: 0...30)
        let ticks = generator.number(in: 1...6)
        return switch generator.number(in: 0...24) {
        case 0...5:
            .add(
                durable: generator.happens(0.75), count: generator.number(in: 1...3),
                priority: generator.number(in: -1...1), ticks: generator.one(of: [3, 30, 100]))
        case 6...9: .push
        case 10...13: .read(count: generator.number(in: 1...4), ticks: ticks)
        case 14...16: .remove(index, trims: generator.happens(0.6))
        case 17: .release(index)
        case 18: .requeue(index)
        case 19: .discard(index)
        case 20: .scrub
        case 21: .flush
        case 22: .pass(ticks: ticks)
        default: .look
        }
    }

    static func simpler(than operation: Operation) -> [Operation] {
        guard case .add(let durable, let count, let priority, let ticks) = operation, count > 1 || priority != 0 else {
            return []
        }
        return [.add(durable: durable, count: 1, priority: 0, ticks: ticks)]
    }
}
