import HoldfastStorage
import Testing

@Suite("Keys that a newer build wrote")
struct KeyTraceTests {
    struct Item: Codable, Equatable {
        var id: String
        var amount: Int
    }
    struct Player: Codable, Equatable {
        var coins = 0
        var title: String?
        var items: [Item] = []
        var pets: [String: Item] = [:]
        var home = Home()
        struct Home: Codable, Equatable { var x = 0 }
    }

    /// Decodes, edits, encodes and merges as a save does.
    private func save(
        _ original: JSONValue, _ edit: (inout Player) -> Void = { _ in }
    ) throws -> KeyTrace.Merged {
        let decoded = try DocumentDecoder().decode(Player.self, from: original)
        var player = decoded.value
        edit(&player)
        let encoded = try DocumentEncoder().encode(player)
        return KeyTrace.merge(original: original, encoded: encoded, trace: decoded.trace)
    }

    private let base: JSONValue = ["coins": 1, "items": [], "pets": [:], "home": ["x": 0]]

    @Test("keys never asked for stay, at every depth")
    func carriesUnknownKeys() throws {
        var original = base
        original["guild"] = ["name": "Owls"]
        original["home"] = ["x": 0, "y": 2, "paint": .null]
        let merged = try save(original) { $0.coins = 5 }
        var expected = original
        expected["coins"] = 5
        #expect(merged.document == expected)
        #expect(merged.dropped == 0)
    }

    @Test("a known key that was left unwritten is removed")
    func removesKnownKeys() throws {
        var original = base
        original["title"] = "Sir"
        original["crest"] = "owl"
        let merged = try save(original) { $0.title = nil }
        #expect(merged.document["title"] == nil)
        #expect(merged.document["crest"] == "owl")
    }

    @Test("a document without unknown keys needs no merge")
    func isCompleteWithoutUnknownKeys() throws {
        #expect(try DocumentDecoder().decode(Player.self, from: base).trace.isComplete)
    }

    @Test("a dictionary loses what the game removed and keeps the unknown part of what stayed")
    func mergesDictionaries() throws {
        var original = base
        original["pets"] = [
            "rex": ["id": "dog", "amount": 1, "mood": "glad"], "tom": ["id": "cat", "amount": 1, "mood": "sly"],
        ]
        let merged = try save(original) {
            $0.pets["tom"] = nil
            $0.pets["rex"]?.amount = 2
        }
        #expect(merged.document["pets"] == ["rex": ["id": "dog", "amount": 2, "mood": "glad"]])
        #expect(merged.dropped == 1)
    }

    private func withItems(_ items: JSONValue) -> JSONValue {
        var original = base
        original["items"] = items
        return original
    }

    private let items: JSONValue = [
        ["id": "a", "amount": 1, "rune": "A"], ["id": "b", "amount": 1], ["id": "c", "amount": 1, "rune": "C"],
    ]

    @Test("unchanged elements keep their unknown keys wherever they move")
    func followsMovedElements() throws {
        let merged = try save(withItems(items)) { player in
            player.items.insert(Item(id: "new", amount: 1), at: 0)
            player.items.swapAt(1, 3)
        }
        #expect(
            merged.document["items"] == [
                ["id": "new", "amount": 1], ["id": "c", "amount": 1, "rune": "C"], ["id": "b", "amount": 1],
                ["id": "a", "amount": 1, "rune": "A"],
            ]
        )
        #expect(merged.dropped == 0)
    }

    @Test("a changed element of an array of the same length keeps them by its position")
    func keepsByPosition() throws {
        let merged = try save(withItems(items)) { $0.items[2].amount = 9 }
        #expect(merged.document["items"]?[2] == ["id": "c", "amount": 9, "rune": "C"])
        #expect(merged.document["items"]?[0] == ["id": "a", "amount": 1, "rune": "A"])
        #expect(merged.dropped == 0)
    }

    @Test("unknown keys are never given to another element, and what is lost is counted")
    func countsDropped() throws {
        let merged = try save(withItems(items)) { player in
            player.items.remove(at: 0)
            player.items[1].amount = 9
        }
        #expect(merged.document["items"] == [["id": "b", "amount": 1], ["id": "c", "amount": 9]])
        #expect(merged.dropped == 2)
    }

    @Test("two decodings of one value join what they asked for")
    func joinsDecodings() throws {
        struct Either: Decodable {
            enum Keys: CodingKey { case body }
            struct First: Decodable {
                var a: Int
                var missing: Int
            }
            struct Second: Decodable { var b: Int }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                _ = try? container.decode(First.self, forKey: .body)
                _ = try container.decode(Second.self, forKey: .body)
            }
        }
        let document: JSONValue = ["body": ["a": 1, "b": 2, "c": 3]]
        let trace = try DocumentDecoder().decode(Either.self, from: document).trace
        #expect(trace.unasked(in: document) == ["/body/c"])
    }

    @Test("a trace says of a place whether the type asked for it")
    func placesAsked() throws {
        struct Known: Codable {
            struct Item: Codable { var id: String }
            var items: [Item]
            var free: JSONValue
        }
        let document: JSONValue = ["items": [["id": "a", "rune": "A"]], "free": ["x": 1], "other": ["y": 1]]
        let trace = try DocumentDecoder().decode(Known.self, from: document).trace
        let asked: [DocumentPath] = ["items", "items.0.id", "free.x", "free.z", "nothing", "items.7.rune"]
        for path in asked { #expect(trace.isAsked(for: path, in: document), "\(path)") }
        let unasked: [DocumentPath] = ["items.0.rune", "other", "other.y", "other.z"]
        for path in unasked { #expect(!trace.isAsked(for: path, in: document), "\(path)") }
    }

    @Test("a part taken as a dynamic value has no unknown keys")
    func takesDynamicPartsWhole() throws {
        struct Mixed: Codable { var free: JSONValue }
        let document: JSONValue = ["free": ["deep": ["deeper": 1]], "other": 1]
        let trace = try DocumentDecoder().decode(Mixed.self, from: document).trace
        #expect(trace.unasked(in: document) == ["/other"])
        let slashed = try DocumentDecoder().decode(Mixed.self, from: ["free": 1, "a/b~c": 1]).trace
        #expect(slashed.unasked(in: ["free": 1, "a/b~c": 1]) == ["/a~1b~0c"])
        #expect(try DocumentDecoder().decode(JSONValue.self, from: document).trace.isComplete)
    }

    @Test("an unknown key that a newer type now writes is the type's")
    func writtenKeyWins() throws {
        struct Odd: Codable {
            enum Keys: String, CodingKey { case a, b }
            init(from decoder: any Decoder) throws {
                _ = try decoder.container(keyedBy: Keys.self).decode(Int.self, forKey: .a)
            }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                try container.encode(2, forKey: .b)
            }
        }
        let document: JSONValue = ["a": 1, "b": 1, "c": 1]
        let decoded = try DocumentDecoder().decode(Odd.self, from: document)
        let merged = KeyTrace.merge(
            original: document, encoded: try DocumentEncoder().encode(decoded.value), trace: decoded.trace)
        #expect(merged.document == ["b": 2, "c": 1])
    }
}
