import HoldfastStorage
import HoldfastWorlds
import ModelTesting
import Testing

@Suite("Items in and out of chests")
struct ChestMoveTests {
    private static let place = BlockPosition(x: 3, y: 9, z: -5)

    private func code(_ change: () throws -> Void) -> WorldError.Code? {
        #expect(throws: WorldError.self, performing: change)?.code
    }

    @Test("what is taken leaves the slot, with the metadata and fields of its stack")
    func take() throws {
        var chest = try Chest(at: Self.place, slots: 3)
        var sword = ChestSlot(itemID: 7, count: 5, metadata: ["edge": 3])
        sword.fields["maxStack"] = 16
        try chest.setSlot(1, to: sword)
        let two = try chest.take(2, from: 1)
        #expect(two.count == 2 && two.isAlike(sword))
        #expect(try chest.slot(1).count == 3)
        #expect(try chest.take(3, from: 1).isAlike(sword))
        #expect(try chest.slot(1) == .empty)
    }

    @Test("items go onto alike ones first, then into empty slots, and what does not fit stays with the caller")
    func put() throws {
        var chest = try Chest(at: Self.place, slots: 3)
        try chest.setSlot(1, to: ChestSlot(itemID: 5, count: 60))
        try chest.setSlot(2, to: ChestSlot(itemID: 5, count: 60, metadata: ["name": "other"]))
        #expect(try chest.put(ChestSlot(itemID: 5, count: 70)).count == 2)
        #expect(chest.slots.map(\.count) == [64, 64, 60])
        #expect(try chest.put(ChestSlot(itemID: 5, count: 10, metadata: ["name": "other"])).count == 6)
        #expect(try chest.put(ChestSlot(itemID: 6, count: 1), into: 0).count == 1)
        #expect(try chest.put(ChestSlot(itemID: 5, count: 9), into: 0, stackLimit: 70).count == 3)
        // A slot that is over the limit takes nothing and gives nothing.
        #expect(try chest.put(ChestSlot(itemID: 5, count: 9), into: 0).count == 9)
        #expect(try chest.put(.empty).isEmpty)
    }

    @Test("a slot in which the game keeps something is not written over, nor one that is none")
    func keptSlots() throws {
        var chest = try Chest(at: Self.place, slots: 1)
        var locked = ChestSlot.empty
        locked.fields["locked"] = true
        try chest.setSlot(0, to: locked)
        #expect(try chest.put(ChestSlot(itemID: 5, count: 1)).count == 1)
        #expect(try chest.slot(0) == locked)
    }

    @Test("negative numbers, slots out of range and more than there is are refused, and nothing is changed")
    func refused() throws {
        var chest = try Chest(at: Self.place, slots: 2)
        try chest.setSlot(0, to: ChestSlot(itemID: 5, count: 4))
        let before = chest
        for count in [0, -1, Int64.min] { #expect(code { _ = try chest.take(count, from: 0) } == .badInput) }
        for count in [5, Int64.max] { #expect(code { _ = try chest.take(count, from: 0) } == .missing) }
        #expect(code { _ = try chest.take(1, from: 1) } == .missing)
        for slot in [-1, 2] {
            #expect(code { _ = try chest.take(1, from: slot) } == .outOfRange)
            #expect(code { _ = try chest.put(ChestSlot(itemID: 5, count: 1), into: slot) } == .outOfRange)
        }
        #expect(code { _ = try chest.put(ChestSlot(itemID: 5, count: -1)) } == .badInput)
        #expect(code { _ = try chest.put(ChestSlot(itemID: 5, count: 1), stackLimit: 0) } == .badInput)
        #expect(chest == before)
        #expect(try chest.put(ChestSlot(itemID: 5, count: .max), stackLimit: .max).isEmpty)
        #expect(chest.slots.map(\.count) == [.max, 4])
    }

    @Test("no order of moves makes or loses an item")
    func conserved() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            var world = World(owner: "42")
            try world.setChest(try Chest(at: Self.place, slots: 4))
            var purse: [ChestSlot] = (0..<6).map { _ in
                ChestSlot(
                    itemID: .random(in: 1...2, using: &random), count: .random(in: 1...40, using: &random),
                    metadata: Bool.random(using: &random) ? ["m": 1] : nil)
            }
            func total(_ world: World) throws -> [Int64: Int64] {
                let slots = try #require(try world.chest(at: Self.place)).slots + purse
                return slots.reduce(into: [:]) { if !$1.isEmpty { $0[$1.itemID, default: 0] += $1.count } }
            }
            let before = try total(world)
            for _ in 0..<20 {
                let slot: Int? = Bool.random(using: &random) ? .random(in: -1...4, using: &random) : nil
                if Bool.random(using: &random), let stack = purse.popLast() {
                    do {
                        let rest = try world.put(stack, into: slot, ofChestAt: Self.place, stackLimit: 32)
                        if !rest.isEmpty { purse.append(rest) }
                    } catch {
                        purse.append(stack)
                    }
                } else if let stack = try? world.take(
                    .random(in: -1...40, using: &random), from: slot ?? 0, ofChestAt: Self.place)
                {
                    purse.append(stack)
                }
                #expect(try total(world) == before)
            }
        }
    }

    @Test("a chest that is not there gives and takes nothing")
    func missing() throws {
        var world = World(owner: "42")
        #expect(code { _ = try world.take(1, from: 0, ofChestAt: Self.place) } == .missing)
        #expect(code { _ = try world.put(ChestSlot(itemID: 1, count: 1), ofChestAt: Self.place) } == .missing)
        #expect(world.chunkPositions.isEmpty)
    }
}
