import HoldfastGameplay
import HoldfastStorage
import ModelTesting
import Testing

/// Two inventories and what players hold in their hands, beside a plain count of everything that was ever made.
private struct InventoryModel: ModelSubject {
    enum Operation: Sendable, CustomStringConvertible {
        case add(Int, ItemID, count: Int, limit: Int, marked: Bool)
        case put(Int, slot: Int)
        case take(Int, slot: Int, count: Int?)
        case move(Int, from: Int, to: Int, count: Int?)
        case split(Int, from: Int, to: Int, count: Int)
        case merge(Int, from: Int, to: Int)
        case swap(Int, Int, Int)
        case remove(Int, ItemID, count: Int)
        case transfer(Int, slot: Int, count: Int?, to: Int?)
        case transferAll(Int, ItemID, count: Int)
        case resize(Int, hotbar: Int, main: Int)

        var description: String {
            func text(_ count: Int?) -> String { count.map { "\($0)" } ?? "all" }
            return switch self {
            case .add(let here, let id, let count, let limit, let marked):
                "add \(count) \(marked ? "marked " : "")\(id) in stacks of \(limit) to \(here)"
            case .put(let here, let slot): "put the last stack in the hand into \(here)/\(slot)"
            case .take(let here, let slot, let count): "take \(text(count)) from \(here)/\(slot)"
            case .move(let here, let from, let to, let count): "move \(text(count)) from \(here)/\(from) to \(to)"
            case .split(let here, let from, let to, let count): "split \(count) off \(here)/\(from) into \(to)"
            case .merge(let here, let from, let to): "merge \(here)/\(from) into \(to)"
            case .swap(let here, let one, let two): "swap \(here)/\(one) and \(two)"
            case .remove(let here, let id, let count): "remove \(count) \(id) from \(here)"
            case .transfer(let here, let slot, let count, let to):
                "transfer \(text(count)) from \(here)/\(slot) to \(to.map { "slot \($0)" } ?? "any slot")"
            case .transferAll(let here, let id, let count): "transfer \(count) \(id) from \(here)"
            case .resize(let here, let hotbar, let main): "resize \(here) to \(hotbar) + \(main)"
            }
        }
    }

    struct Kind: Hashable {
        let id: ItemID
        let metadata: JSONValue?
    }

    private static let marked: JSONValue = ["mark": 1]
    private var inventories: [Inventory]
    private var hand: [ItemStack] = []
    /// All items that there must be.
    private var made: [Kind: Int] = [:]

    init() throws {
        inventories = [try Inventory(hotbar: 2, main: 4), try Inventory(main: 5)]
    }

    static func draw(using generator: inout SeededGenerator) -> Operation {
        let here = generator.number(in: 0...1)
        let id: ItemID = generator.one(of: ["wood", "stone", 7])
        // Some slots and amounts do not exist.
        let (slot, target) = (generator.number(in: -1...6), generator.number(in: 0...6))
        let count = generator.happens(0.1) ? generator.number(in: -3...0) : generator.number(in: 1...12)
        let part = generator.happens(0.5) ? nil : count
        switch generator.number(in: 0...19) {
        case 0..<5:
            return .add(
                here, id, count: count * 2, limit: generator.one(of: [1, 8, 8, 16]), marked: generator.happens(0.3))
        case 5, 6: return .put(here, slot: slot)
        case 7, 8: return .take(here, slot: slot, count: part)
        case 9, 10: return .move(here, from: slot, to: target, count: part)
        case 11: return .split(here, from: slot, to: target, count: count)
        case 12: return .merge(here, from: slot, to: target)
        case 13: return .swap(here, slot, target)
        case 14: return .remove(here, id, count: count)
        case 15, 16: return .transfer(here, slot: slot, count: part, to: generator.happens(0.5) ? nil : target)
        case 17, 18: return .transferAll(here, id, count: count)
        default: return .resize(here, hotbar: generator.number(in: 0...3), main: generator.number(in: 1...6))
        }
    }

    mutating func apply(_ operation: Operation) throws {
        let before = (inventories, hand)
        do {
            try perform(operation)
        } catch is GameplayError {
            try agree(inventories, before.0, "what a refused call leaves")
            try agree(hand, before.1, "the hand after a refused call")
        }
        for slot in inventories.flatMap(\.slots) {
            guard let stack = slot.stack else { continue }
            guard (1...stack.limit).contains(stack.count) else { throw Disagreement("\(stack) is over its limit") }
        }
        var found: [Kind: Int] = [:]
        for stack in inventories.flatMap(\.slots).compactMap(\.stack) + hand {
            found[Kind(id: stack.id, metadata: stack.metadata), default: 0] += stack.count
        }
        try agree(found, made, "what is there")
    }

    private mutating func perform(_ operation: Operation) throws {
        switch operation {
        case .add(let here, let id, let count, let limit, let marked):
            let metadata = marked ? Self.marked : nil
            let kind = try ItemStack(id, limit: limit, metadata: metadata)
            let room = inventories[here].room(for: kind)
            let rest = try inventories[here].add(id, count: count, limit: limit, metadata: metadata)
            try agree(rest, max(0, count - room), "what did not fit")
            if count > rest { made[Kind(id: id, metadata: metadata), default: 0] += count - rest }
        case .put(let here, let slot):
            guard let stack = hand.popLast() else { return }
            do {
                if let rest = try inventories[here].put(stack, into: slot) { hand.append(rest) }
            } catch {
                hand.append(stack)
                throw error
            }
        case .take(let here, let slot, let count):
            hand.append(try inventories[here].take(count, from: slot))
        case .move(let here, let from, let to, let count):
            let there = inventories[here].slots.indices.contains(to) ? inventories[here].slots[to].stack?.count ?? 0 : 0
            let moved = try inventories[here].move(from: from, to: to, count: count)
            if from != to { try agree(inventories[here].slots[to].stack?.count ?? 0, there + moved, "the target") }
        case .split(let here, let from, let to, let count):
            try inventories[here].split(from, count: count, into: to)
            try agree(inventories[here].slots[to].stack?.count, count, "the new stack")
        case .merge(let here, let from, let to):
            try inventories[here].merge(from, into: to)
        case .swap(let here, let one, let two):
            try inventories[here].swap(one, two)
        case .remove(let here, let id, let count):
            let removed = try inventories[here].remove(id, count: count)
            try agree(removed.reduce(0) { $0 + $1.count }, count, "what was removed")
            hand += removed
        case .transfer(let here, let slot, let count, let target):
            var (one, two) = (inventories[here], inventories[1 - here])
            defer { (inventories[here], inventories[1 - here]) = (one, two) }
            try one.transfer(from: slot, count: count, to: &two, slot: target)
        case .transferAll(let here, let id, let count):
            var (one, two) = (inventories[here], inventories[1 - here])
            defer { (inventories[here], inventories[1 - here]) = (one, two) }
            let there = two.count(of: id)
            try one.transfer(id, count: count, to: &two)
            try agree(two.count(of: id), there + count, "what arrived")
        case .resize(let here, let hotbar, let main):
            try inventories[here].resize(hotbar: hotbar, main: main)
            try agree(inventories[here].slots.count, hotbar + main, "the number of slots")
        }
    }

    /// What is stored is what was there.
    func finish() throws {
        for inventory in inventories {
            try agree(try decoded(Inventory.self, try encoded(inventory)), inventory, "the stored form")
        }
    }
}

@Suite struct InventoryModelTests {
    @Test("no history of calls makes or loses an item, and refused calls change nothing")
    func conservation() async throws {
        try await checkHistories(3_000, lengths: 1...60) { try InventoryModel() }
    }
}
