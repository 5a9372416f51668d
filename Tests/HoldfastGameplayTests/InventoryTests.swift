import HoldfastGameplay
import HoldfastStorage
import Testing

@Suite struct InventoryTests {
    private func stack(_ id: ItemID, _ count: Int, limit: Int = 64, metadata: JSONValue? = nil) throws -> Slot {
        .holding(try ItemStack(id, count: count, limit: limit, metadata: metadata))
    }

    @Test("a new inventory has 9 hotbar and 27 main slots, all empty")
    func defaultShape() {
        let inventory = Inventory()
        #expect(inventory.hotbar.count == 9)
        #expect(inventory.main.count == 27)
        #expect(inventory.main.startIndex == 9)
        #expect(inventory.isEmpty)
    }

    @Test("adding fills stacks of the kind first, then empty slots, and returns what did not fit")
    func add() throws {
        var chest = try Inventory(main: 3)
        let none = try chest.add("wood", count: 10)
        #expect(none == 0)
        try chest.move(from: 0, to: 2)
        let rest = try chest.add("wood", count: 200)
        #expect(rest == 18)
        #expect(chest.slots == [try stack("wood", 64), try stack("wood", 64), try stack("wood", 64)])
        let left = chest.add(try ItemStack("wood", count: 5))
        #expect(left == (try ItemStack("wood", count: 5)))
    }

    @Test("stacks of other metadata are another kind, and the receiving stack's limit decides")
    func kinds() throws {
        var chest = try Inventory(main: 4)
        _ = try chest.add("sword", count: 1, limit: 1, metadata: ["sharpness": 3])
        _ = try chest.add("sword", count: 1, limit: 1, metadata: ["sharpness": 4])
        _ = try chest.add("sword", count: 2, limit: 5)
        #expect(chest.slots.compactMap(\.stack?.count) == [1, 1, 2])
        // The stack in slot 2 takes three more, and what comes on top begins one with the new limit.
        let rest = try chest.add("sword", count: 6, limit: 2)
        #expect(rest == 1)
        #expect(chest.slots.compactMap(\.stack?.count) == [1, 1, 5, 2])
        expectRefusal(.metadataMismatch) { try chest.move(from: 0, to: 1) }
    }

    @Test("a move fills as far as there is room and leaves the rest")
    func move() throws {
        var chest = try Inventory(main: 3)
        _ = try chest.add("stone", count: 100)
        let moved = try chest.move(from: 1, to: 0)
        #expect(moved == 0)
        try chest.split(0, count: 30, into: 2)
        #expect(chest.slots.map { $0.stack?.count ?? 0 } == [34, 36, 30])
        let merged = try chest.merge(1, into: 0)
        #expect(merged == 30)
        #expect(chest.slots.map { $0.stack?.count ?? 0 } == [64, 6, 30])
        try chest.swap(0, 1)
        #expect(chest.slots.map { $0.stack?.count ?? 0 } == [6, 64, 30])
    }

    @Test("removing takes all or none, the hotbar last, and returns metadata with the items")
    func remove() throws {
        var inventory = Inventory()
        _ = try inventory.add("arrow", count: 5)
        _ = try inventory.put(try ItemStack("arrow", count: 5, metadata: ["poison": true]), into: 20)
        let before = inventory
        expectRefusal(.insufficient) { try inventory.remove("arrow", count: 11) }
        #expect(inventory == before)
        let removed = try inventory.remove("arrow", count: 7)
        #expect(removed.map(\.count) == [5, 2])
        #expect(removed[0].metadata == ["poison": true])
        #expect(inventory.count(of: "arrow") == 3)
        #expect(inventory.hotbar[0].stack?.count == 3)
    }

    @Test("a transfer by id moves all or none")
    func transferByID() throws {
        var player = Inventory()
        var chest = try Inventory(main: 1)
        _ = try player.add(7, count: 70)
        let before = (player, chest)
        expectRefusal(.full) { try player.transfer(7, count: 65, to: &chest) }
        #expect(player == before.0)
        #expect(chest == before.1)
        try player.transfer(7, count: 64, to: &chest)
        #expect(player.count(of: 7) == 6)
        #expect(chest.count(of: 7) == 64)
    }

    @Test("a transfer by slot moves what fits")
    func transferBySlot() throws {
        var player = Inventory()
        var chest = try Inventory(main: 2)
        _ = try player.add("wood", count: 64)
        _ = try chest.add("wood", count: 60)
        let direct = try player.transfer(from: 0, count: 10, to: &chest, slot: 0)
        #expect(direct == 4)
        let anywhere = try player.transfer(from: 0, to: &chest)
        #expect(anywhere == 60)
        #expect(player.isEmpty)
        #expect(chest.count(of: "wood") == 124)
    }

    @Test("every bad input has its code and changes nothing")
    func refusals() throws {
        var chest = try Inventory(main: 4)
        _ = try chest.add("wood", count: 10)
        _ = try chest.put(try ItemStack("stone", count: 3), into: 1)
        let before = chest
        var other = chest
        expectRefusal(.slotOutOfRange) { try chest.move(from: 0, to: 4) }
        expectRefusal(.slotOutOfRange) { try chest.move(from: -1, to: 0) }
        expectRefusal(.slotOutOfRange) { try chest.swap(0, 4) }
        expectRefusal(.slotOutOfRange) { try chest.transfer(from: 0, to: &other, slot: 9) }
        expectRefusal(.slotOutOfRange) { _ = try chest.take(from: .max) }
        expectRefusal(.emptySlot) { try chest.move(from: 2, to: 3) }
        expectRefusal(.emptySlot) { try chest.merge(0, into: 2) }
        expectRefusal(.itemMismatch) { try chest.move(from: 0, to: 1) }
        expectRefusal(.itemMismatch) { _ = try chest.put(try ItemStack("sand"), into: 0) }
        expectRefusal(.occupiedSlot) { try chest.split(0, count: 1, into: 1) }
        expectRefusal(.insufficient) { try chest.split(0, count: 10, into: 2) }
        expectRefusal(.badInput) { try chest.split(0, count: 0, into: 2) }
        expectRefusal(.negativeAmount) { try chest.move(from: 0, to: 2, count: -1) }
        expectRefusal(.negativeAmount) { _ = try chest.add("wood", count: -1) }
        expectRefusal(.negativeAmount) { try chest.remove("wood", count: -1) }
        expectRefusal(.insufficient) { try chest.move(from: 0, to: 2, count: 11) }
        expectRefusal(.badInput) { _ = try chest.take(0, from: 0) }
        expectRefusal(.occupiedSlot) { try chest.resize(hotbar: 0, main: 1) }
        #expect(chest == before)
    }

    @Test("a stack that cannot be is refused")
    func badStacks() {
        expectRefusal(.overStackLimit) { _ = try ItemStack("wood", count: 65) }
        expectRefusal(.badInput) { _ = try ItemStack("wood", count: 0) }
        expectRefusal(.negativeAmount) { _ = try ItemStack("wood", count: -3) }
        expectRefusal(.badInput) { _ = try ItemStack("wood", count: 1, limit: 0) }
        expectRefusal(.badInput) { _ = try ItemStack("wood", count: 1, limit: 1_000_001) }
        expectRefusal(.badInput) { _ = try ItemStack(0) }
        expectRefusal(.badInput) { _ = try ItemStack(-5) }
        expectRefusal(.badInput) { _ = try ItemStack("") }
        expectRefusal(.badInput) { _ = try ItemStack("sw\u{f6}rd") }
        expectRefusal(.badInput) { _ = try ItemStack("wood", metadata: [1]) }
        expectRefusal(.badInput) {
            _ = try ItemStack("wood", metadata: ["text": .string(String(repeating: "x", count: 5_000))])
        }
        expectRefusal(.badInput) { _ = try Inventory(main: 0) }
        expectRefusal(.badInput) { _ = try Inventory(hotbar: 1, main: 1_000) }
        expectRefusal(.badInput) { _ = try Inventory(hotbar: .max, main: .max) }
    }

    @Test("an inventory grows and shrinks at the ends of its parts")
    func resize() throws {
        var inventory = try Inventory(hotbar: 2, main: 3)
        _ = try inventory.put(try ItemStack("map"), into: 2)
        try inventory.resize(hotbar: 4, main: 1)
        #expect(inventory.hotbar.count == 4)
        #expect(inventory.slots[4].stack?.id == "map")
    }

    @Test("the stored form is the documented one, with explicit empty slots")
    func storedForm() throws {
        var inventory = try Inventory(hotbar: 1, main: 2)
        _ = try inventory.put(try ItemStack(5, count: 64, metadata: ["dye": "red"]), into: 1)
        let text = """
            {"hotbar":[{"count":0,"itemId":0}],"inventory":[\
            {"count":64,"itemId":5,"maxStack":64,"metadata":{"dye":"red"}},{"count":0,"itemId":0}]}
            """
        #expect(try encoded(inventory) == text)
        #expect(try decoded(Inventory.self, text) == inventory)
    }

    @Test("slots of older documents are read: empty metadata, no maximum, leftovers of an emptied slot")
    func olderSlots() throws {
        let slots = try decoded(
            [Slot].self,
            """
            [{"itemId":5,"count":64,"metadata":{}},{"itemId":5,"count":3,"metadata":[]},{"itemId":5,"count":99},
            {"itemId":0,"count":0,"maxStack":64,"metadata":{}},{"itemId":7,"count":0}]
            """)
        #expect(slots.map { $0.stack?.count ?? 0 } == [64, 3, 99, 0, 0])
        #expect(slots[2].stack?.limit == 99)
        #expect(slots[0].stack?.isOfOneKind(with: try #require(slots[1].stack)) == true)
    }

    @Test(
        "slots that cannot be are refused with their path",
        arguments: [
            #"{"itemId":0,"count":3}"#, #"{"itemId":5,"count":-1}"#, #"{"itemId":5,"count":65,"maxStack":64}"#,
            #"{"itemId":5}"#, #"{"count":1}"#, #"{"itemId":5,"count":1,"metadata":"x"}"#, #"{"itemId":true,"count":1}"#,
        ])
    func badSlots(slot: String) throws {
        do {
            _ = try decoded(Inventory.self, #"{"hotbar":[],"inventory":[{"itemId":0,"count":0},\#(slot)]}"#)
            Issue.record("\(slot) was read")
        } catch {
            #expect("\(error)".contains("inventory"), "\(error)")
        }
    }

    @Test("nothing of a stored slot passes for a field of a newer build")
    func asksForAllKeys() throws {
        let json = try CanonicalJSON.parse(
            Array(#"[{"itemId":0,"count":0,"maxStack":64,"metadata":{}},{"itemId":5,"count":1}]"#.utf8))
        let trace = try DocumentDecoder().decode([Slot].self, from: json).trace
        #expect(trace.isComplete)
    }
}
