import Foundation
import HoldfastStorage
import Testing

@Suite("Codable documents")
struct DocumentCodingTests {
    struct Player: Codable, Equatable {
        enum Weapon: Codable, Equatable {
            case none
            case sword(damage: Int, name: String?)
            case bow(Int)
        }
        enum Rank: String, Codable { case recruit, captain }
        struct Item: Codable, Equatable {
            var id: String
            var amount: Int32
        }
        var name = "Ada"
        var coins: Int64 = 9_007_199_254_740_993
        var seed: UInt64 = .max
        var small: UInt8 = 200
        var ratio = 0.1
        var single: Float = 0.1
        var nickname: String?
        var alive = true
        var rank = Rank.captain
        var weapon = Weapon.sword(damage: 7, name: nil)
        var items = [Item(id: "potion", amount: 3), Item(id: "rope", amount: -1)]
        var stats = ["str": 5, "dex": 7]
        var levels = [3: "c", 1: "a"]
        var grid = [[1, 2], [], [3]]
        var flags: Set<Int> = [4]
        var maybe: [Int?] = [1, nil, 3]
        var born = Date(timeIntervalSinceReferenceDate: 1234.5)
        var blob = Data([0, 255])
        var link = URL(string: "https://example.org/a")
        var free: JSONValue = ["anything": [1, .null, 2.5]]
    }

    @Test("a typed document survives, and its form is canonical")
    func roundTrips() throws {
        let player = Player()
        let value = try DocumentEncoder().encode(player)
        let bytes = try CanonicalJSON.write(value)
        let decoded = try DocumentDecoder().decode(Player.self, from: CanonicalJSON.parse(bytes))
        #expect(decoded.value == player)
        #expect(decoded.trace.isComplete)
        #expect(value["coins"] == .integer(9_007_199_254_740_993))
        #expect(value["seed"] == .unsigned(.max))
        #expect(value["single"] == .double(0.1))
        #expect(value["nickname"] == nil)
        #expect(value["weapon"] == ["sword": ["damage": 7]])
        #expect(value["maybe"] == [1, .null, 3])
        #expect(value["levels"] == ["1": "a", "3": "c"])
        #expect(value["blob"] == [0, 255])
    }

    @Test("a value of one piece is a document too")
    func encodesFragments() throws {
        #expect(try DocumentEncoder().encode("a") == "a")
        #expect(try DocumentEncoder().encode([1, 2]) == [1, 2])
        #expect(try DocumentDecoder().decode([Int].self, from: [1, 2]).value == [1, 2])
        #expect(try DocumentDecoder().decode(Int?.self, from: .null).value == nil)
    }

    struct Numbers: Encodable {
        var ok = 1.0
        var list: [Double]
    }

    @Test("NaN and infinity are refused with their path", arguments: [Double.nan, .infinity])
    func refusesNaN(number: Double) {
        let error = #expect(throws: DocumentError.self) {
            try DocumentEncoder().encode(["a": Numbers(list: [1, number])])
        }
        #expect(error?.code == .badValue)
        #expect(error?.path == "/a/list/1")
    }

    final class Chain: Encodable {
        let next: Chain?
        init(_ next: Chain?) { self.next = next }
    }

    @Test("nesting is bounded on the way down")
    func boundsDepth() throws {
        func chain(_ length: Int) -> Chain { (1..<length).reduce(Chain(nil)) { chain, _ in Chain(chain) } }
        #expect(throws: Never.self) { try CanonicalJSON.write(DocumentEncoder().encode(chain(64))) }
        let error = #expect(throws: DocumentError.self) { try DocumentEncoder().encode(chain(65)) }
        #expect(error?.code == .tooDeep)
    }

    @Test("numbers must fit their type exactly")
    func checksRanges() {
        func refusal<Value: Decodable>(_ type: Value.Type, _ value: JSONValue) -> DocumentError.Code? {
            #expect(throws: DocumentError.self) {
                try DocumentDecoder().decode([String: Value].self, from: ["n": value])
            }?.code
        }
        #expect(refusal(UInt8.self, 256) == .wrongType)
        #expect(refusal(UInt8.self, -1) == .wrongType)
        #expect(refusal(Int8.self, 128) == .wrongType)
        #expect(refusal(Int64.self, .unsigned(.max)) == .wrongType)
        #expect(refusal(Int.self, 2.5) == .wrongType)
        #expect(refusal(Double.self, .integer(9_007_199_254_740_993)) == .wrongType)
        #expect(refusal(Float.self, .double(1e300)) == .wrongType)
        #expect(refusal(Int.self, "1") == .wrongType)
        #expect(refusal(Int.self, .null) == .missing)
    }

    @Test("an error names key and place")
    func namesThePlace() {
        let error = #expect(throws: DocumentError.self) {
            try DocumentDecoder().decode([String: [Player.Item]].self, from: ["bag": [["id": "a"]]])
        }
        #expect(error?.code == .missing)
        #expect(error?.path == "/bag/0/amount")
    }

    class Base: Codable {
        var base = 1
        init() {}
    }

    final class Derived: Base {
        enum CodingKeys: CodingKey { case own }
        var own = "x"
        override init() { super.init() }
        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            own = try container.decode(String.self, forKey: .own)
            try super.init(from: container.superDecoder())
        }
        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(own, forKey: .own)
            try super.encode(to: container.superEncoder())
        }
    }

    @Test("a subclass keeps its superclass under super")
    func codesSuperclasses() throws {
        let object = Derived()
        object.base = 42
        object.own = "y"
        let value = try DocumentEncoder().encode(object)
        #expect(value == ["own": "y", "super": ["base": 42]])
        let decoded = try DocumentDecoder().decode(Derived.self, from: value)
        #expect(decoded.value.base == 42 && decoded.value.own == "y")
        #expect(decoded.trace.isComplete)
    }

    struct Nested: Codable, Equatable {
        enum Keys: CodingKey { case outer, list }
        enum Inner: CodingKey { case inner }
        var inner: Int
        var list: [String]

        init(inner: Int, list: [String]) { (self.inner, self.list) = (inner, list) }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            inner = try container.nestedContainer(keyedBy: Inner.self, forKey: .outer).decode(Int.self, forKey: .inner)
            var elements = try container.nestedUnkeyedContainer(forKey: .list)
            list = []
            while !elements.isAtEnd { list.append(try elements.decode(String.self)) }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            var outer = container.nestedContainer(keyedBy: Inner.self, forKey: .outer)
            var elements = container.nestedUnkeyedContainer(forKey: .list)
            for element in list { try elements.encode(element) }
            try outer.encode(inner, forKey: .inner)
        }
    }

    @Test("nested containers may be written in any order")
    func codesNestedContainers() throws {
        let value = try DocumentEncoder().encode(Nested(inner: 5, list: ["a", "b"]))
        #expect(value == ["outer": ["inner": 5], "list": ["a", "b"]])
        let decoded = try DocumentDecoder().decode(
            Nested.self, from: ["outer": ["inner": 5, "new": 1], "list": ["a", "b"]])
        #expect(decoded.value == Nested(inner: 5, list: ["a", "b"]))
        #expect(decoded.trace.unasked(in: ["outer": ["inner": 5, "new": 1], "list": []]) == ["/outer/new"])
    }

    @Test("a dynamic value passes through other coders as well")
    func codesJSONValueWithFoundation() throws {
        let value: JSONValue = ["a": [1, 2.5, .null, true, "x"], "b": .integer(.max)]
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: data) == value)
    }
}
