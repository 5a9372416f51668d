import Foundation
import HoldfastWorlds
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct WorldVerbTests {
    /// Lines as exports give them, by z and then by x, with heights, chests, and more kinds of blocks than planes.
    private static func lines() throws -> [String] {
        let positions = [(2, -5), (3, -5), (-1, -4), (0, 0), (1, 0)].map { ChunkPosition(x: $0, z: $1) }
        return try positions.enumerated().map { index, position in
            let blocks = (0..<(index + 1) * 512).map { UInt16($0 * $0 % (index == 3 ? 700 : 7)) }
            let heights = (0..<256).map { UInt16($0 % 3) }
            var chunk = try Chunk(blocks: blocks, heightMap: index == 1 ? nil : heights)
            for number in 0..<index {
                let place = BlockPosition(x: position.x * 16, y: Int32(number), z: position.z * 16)
                var chest = try Chest(at: place, slots: 27)
                try chest.setSlot(number, to: ChestSlot(itemID: 5, count: 64, metadata: ["name": "é"]))
                chunk.setChest(chest)
            }
            return String(decoding: try ChunkLine(position: position, chunk: chunk).write(), as: UTF8.self)
        }
    }

    @Test("what was imported is exported line for line, and importing it again changes nothing")
    func roundTrip() async throws {
        let tool = try Tool()
        let lines = try Self.lines()
        let input = lines.shuffled().joined(separator: "\n")
        let first = try await tool.run("world", "import", "42", "-", "--json", input: input)
        #expect(first.status == 0, "\(first.output)\(first.errors)")
        #expect(try first.json()["imported"] as? Int == lines.count)
        #expect(try await tool.run("world", "export", "42").lines == lines)

        let file = tool.folder.file("world.jsonl")
        let exported = try await tool.run("world", "export", "42", file, "--json")
        #expect(try exported.json()["exported"] as? Int == lines.count)
        let again = try await tool.run("world", "import", "42", file, "--json")
        #expect(try again.json()["unchanged"] as? Int == lines.count)
        #expect(try again.json()["imported"] as? Int == 0)

        let info = try await tool.run("world", "info", "42", "--json").json()
        #expect(
            Set(info.keys) == [
                "owner", "ownerName", "world", "name", "description", "seed", "version", "chunks", "chests",
                "storedBytes", "createdAt", "savedAt", "lease", "metadata",
            ])
        #expect(info["version"] as? Int == 1)
        #expect(info["chunks"] as? Int == 5)
        #expect(info["chests"] as? Int == 0 + 1 + 2 + 3 + 4)
        #expect(info["lease"] is NSNull)

        let listed = try await tool.run("world", "list", "42", "--json").json()
        #expect((listed["rows"] as? [[String: Any]])?.compactMap { $0["world"] as? String } == ["main"])

        #expect(try await tool.run("world", "delete", "42", "--json").errorCode() == "usage")
        #expect(try await tool.run("world", "delete", "42", "--yes").status == 0)
        #expect(try await tool.run("world", "export", "42").status == 66)
        #expect(try await tool.run("world", "info", "42", "--json").errorCode() == "notFound")
        #expect(try await tool.run("world", "list", "42").output == "no worlds\n")
    }

    @Test("worlds of one owner are apart, and a world's name is checked")
    func several() async throws {
        let tool = try Tool()
        let lines = try Self.lines()
        #expect(try await tool.run("world", "import", "42", "-", input: lines[0]).status == 0)
        #expect(try await tool.run("world", "import", "42", "-", "--world", "sky", input: lines[1]).status == 0)
        #expect(try await tool.run("world", "export", "42").lines == [lines[0]])
        #expect(try await tool.run("world", "export", "42", "--world", "sky").lines == [lines[1]])
        #expect(try await tool.run("world", "info", "42", "--world", "a:b", "--json").errorCode() == "badInput")
    }

    @Test("a bad line is reported with its number, the others go on, and the exit code says so")
    func badLines() async throws {
        let tool = try Tool()
        let input = """
            {"x":0,"z":0,"blocks":[[1,256]]}
            nonsense
            {"x":1,"z":0,"blocks":[[1,255]]}
            {"x":2,"z":0,"blocks":[[70000,256]]}

            {"x":3,"z":0,"blocks":[[1,256]],"chests":[{"x":1,"y":1,"z":1,"slots":[{"itemId":1,"count":-1}]}]}
            {"x":4,"z":0,"blocks":[[1,256]]}
            """
        let run = try await tool.run("world", "import", "42", "-", "--json", input: input)
        #expect(run.status == 65)
        let rows = try run.lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        #expect(rows.compactMap { $0?["line"] as? Int } == [2, 3, 4, 6])
        #expect(rows.compactMap { $0?["code"] as? String } == Array(repeating: "badInput", count: 4))
        #expect(rows.last??["imported"] as? Int == 2)
        #expect(rows.last??["failed"] as? Int == 4)
        #expect(try await tool.run("world", "export", "42").lines.count == 2)
    }

    @Test("an import of more chunks than one save takes makes several versions, and is whole in the end")
    func large() async throws {
        let tool = try Tool()
        let lines = (0..<1_001).map { #"{"x":\#($0),"z":0,"blocks":[[7,256]]}"# }
        let first = try await tool.run("world", "import", "42", "-", "--json", input: lines.joined(separator: "\n"))
        #expect(try first.json()["imported"] as? Int == lines.count, "\(first.errors)")
        let info = try await tool.run("world", "info", "42", "--json").json()
        #expect(info["version"] as? Int == 2)
        #expect(info["chunks"] as? Int == lines.count)
    }

    @Test("a world goes in and out of PostgreSQL line for line, and is deleted with all its chunks")
    func postgres() async throws {
        let postgres = try await SharedPostgres.server()
        let database = "w\(UInt64.random(in: 0...UInt64.max))"
        _ = try postgres.query("CREATE DATABASE \(database)")
        let tool = try Tool(environment: ["HOLDFAST_STORE": postgres.url(database: database)])
        #expect(try await tool.run("migrate").status == 0)
        let lines = try Self.lines()
        let first = try await tool.run(
            "world", "import", "42", "-", "--json", input: lines.reversed().joined(separator: "\n"))
        #expect(try first.json()["imported"] as? Int == lines.count, "\(first.errors)")
        #expect(try await tool.run("world", "export", "42").lines == lines)
        let info = try await tool.run("world", "info", "42", "--json").json()
        #expect(info["chunks"] as? Int == lines.count && info["version"] as? Int == 1)
        let listed = try await tool.run("world", "list", "42", "--json").json()
        #expect((listed["rows"] as? [[String: Any]])?.compactMap { $0["chunks"] as? Int } == [lines.count])
        #expect(try await tool.run("world", "delete", "42", "--yes").status == 0)
        #expect(try postgres.query("SELECT count(*) FROM holdfast.part", database: database) == "0")
        #expect(try await tool.run("world", "export", "42").status == 66)
    }

    /// Set it to a file of chunks, one a line, to check real terrain.
    static let terrainFile = ProcessInfo.processInfo.environment["HOLDFAST_TERRAIN"]

    @Test("real terrain is exported as it was imported", .enabled(if: terrainFile != nil))
    func realTerrain() async throws {
        let tool = try Tool()
        let file = try #require(Self.terrainFile)
        #expect(try await tool.run("world", "import", "42", file, patience: .seconds(120)).status == 0)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(try await tool.run("world", "export", "42").lines == text.split(separator: "\n").map(String.init))
    }
}
