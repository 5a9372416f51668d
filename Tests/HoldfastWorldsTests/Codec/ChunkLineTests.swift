import HoldfastStorage
import HoldfastWorlds
import Testing

@Suite("Chunks as lines of JSON")
struct ChunkLineTests {
    @Test("a line is written as it was read, chests with all that a game keeps in them")
    func roundTrip() throws {
        let line = Self.line(
            blocks: "[[7,256],[0,256]]",
            more: #","chests":[{"name":"Loot","slots":[{"count":64,"itemId":5,"maxStack":64},null,"#
                + #"{"count":0,"itemId":0},{"count":1,"itemId":9,"metadata":{"a":[1]}}],"x":17,"y":5,"z":-3}]"#)
        let read = try ChunkLine(Array(line.utf8))
        #expect(String(decoding: try read.write(), as: UTF8.self) == line)
        let chest = try #require(read.chunk.chests[BlockPosition(x: 17, y: 5, z: -3)])
        #expect(chest.slots.map(\.isEmpty) == [false, true, true, false])
        #expect(chest.slots[3].metadata == ["a": [1]])
        #expect(chest.fields["name"] == "Loot")
    }

    @Test("generated terrain comes back from its line", arguments: 0..<4)
    func generated(seed: Int) throws {
        let line = ChunkLine(
            position: ChunkPosition(x: -1, z: 7), chunk: try SampleTerrain.chunk(seed: UInt64(seed), chests: seed))
        #expect(try ChunkLine(try line.write()) == line)
    }

    @Test(
        "a line that does not add up is refused",
        arguments: [
            (line(blocks: "[[1,255]]"), .badRuns),
            (line(blocks: "[[1,65537]]"), .badRuns),
            (line(blocks: "[[1,256],[2,0]]"), .badRuns),
            (line(blocks: "[[1,257],[2,-1]]"), .badRuns),
            (line(blocks: "[[1,9223372036854775807]]"), .badRuns),
            (line(blocks: "[]"), .badRuns),
            (line(blocks: "[[65536,256]]"), .outOfRange),
            (line(blocks: "[[-1,256]]"), .outOfRange),
            (line(blocks: "[[1,256,3]]"), .badInput),
            (line(blocks: "[[1.5,256]]"), .badInput),
            (line(blocks: "7"), .badInput),
            (line(more: #","heightMap":[1,2]"#), .wrongSize),
            (line(more: #","heightMap":[65536]"#), .outOfRange),
            (line(more: #","chests":[{"x":1,"y":1,"z":1}]"#), .badInput),
            (line(more: #","chests":[{"x":1,"y":1.5,"z":1,"slots":[]}]"#), .outOfRange),
            (line(more: #","chests":[{"x":1,"y":1,"z":1,"slots":[{"itemId":1}]}]"#), .badInput),
            (line(more: #","chests":[{"x":1,"y":1,"z":1,"slots":[{"itemId":1,"count":-1}]}]"#), .outOfRange),
            (line(more: #","chests":[{"x":1,"y":1,"z":1,"slots":[]},{"x":1,"y":1,"z":1,"slots":[]}]"#), .badInput),
            (line(more: #","biomes":[]"#), .badInput),
            (#"{"key":"2,2","x":1,"z":-1,"blocks":[[1,256]]}"#, .badInput),
            (#"{"x":1.5,"z":-1,"blocks":[[1,256]]}"#, .outOfRange),
            (#"{"x":1,"z":4294967296,"blocks":[[1,256]]}"#, .outOfRange),
            (#"{"x":1,"z":-1}"#, .badInput),
            (#"[1]"#, .badInput),
            (#"{"x":1"#, .badInput),
        ] as [(String, WorldError.Code)]
    )
    func refused(line: String, code: WorldError.Code) {
        let error = #expect(throws: WorldError.self) { try ChunkLine(Array(line.utf8)) }
        #expect(error?.code == code)
    }

    private static func line(blocks: String = "[[1,256]]", more: String = #","chests":[]"#) -> String {
        #"{"key":"1,-1","x":1,"z":-1,"blocks":\#(blocks)\#(more)}"#
    }
}
