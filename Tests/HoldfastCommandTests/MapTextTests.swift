import HoldfastMemoryStore
import HoldfastStorage
import Testing

@testable import HoldfastCommand

@Suite struct MapTextTests {
    @Test(
        "a sort key is a number where it reads as one, else a text",
        arguments: [
            ("5", .number(5)), ("-0", .number(0)), ("1e3", .number(1_000)), ("-2.5", .number(-2.5)),
            ("\"5\"", .string("5")), ("gold", .string("gold")), ("", .string("")), ("[1]", .string("[1]")),
            ("\"a b", .string("\"a b")),
        ] as [(String, SortKey)])
    func sortKeys(text: String, wanted: SortKey) throws {
        #expect(try SortKeyText.parse(text, option: "--sort-key") == wanted)
    }

    @Test(
        "a number that would change or is not finite is no sort key without quotes",
        arguments: ["9007199254740993", "18446744073709551615", "nan", "NaN", "inf", "-Infinity"])
    func badSortKeys(text: String) {
        #expect(throws: CommandError.self) { try SortKeyText.parse(text, option: "--sort-key") }
    }

    @Test(
        "cursors of a sorted map name the item they stand behind",
        arguments: [nil, 5, -0.5, 1e300, "5", "a:b", "", "🙂"] as [SortKey?])
    func cursors(sortKey: SortKey?) throws {
        for key in ["k", "-x", "a:b %é"] {
            let text = SortedMapCursor.text(SortedMapItem(key: key, value: .null, sortKey: sortKey))
            #expect(try SortedMapCursor.bound(text) == .item(key, sortKey: sortKey))
            #expect(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        }
        for text in ["", "a", ":", "a:b:c", "%:1"] {
            #expect(throws: CommandError.self) { try SortedMapCursor.bound(text) }
        }
    }

    @Test("numbers are added exactly or not at all")
    func add() throws {
        #expect(try ValueChange.add(2).applied(to: nil) == 2)
        #expect(try ValueChange.add(-2).applied(to: 9_007_199_254_740_993) == 9_007_199_254_740_991)
        #expect(try ValueChange.add(0.5).applied(to: 1) == 1.5)
        for value: JSONValue in [.integer(.max), "text", [1], .null] {
            #expect(throws: CommandError.self) { try ValueChange.add(1).applied(to: value) }
        }
        #expect(throws: CommandError.self) { try ValueChange.add(1e308).applied(to: 1.7e308) }
    }

    @Test("objects are merged member by member, and null removes one")
    func merge() throws {
        let old: JSONValue = ["a": 1, "b": ["c": 2, "d": 3]]
        let patch: JSONValue = ["a": .null, "b": ["c": 4, "e": ["f": .null, "g": 1]], "h": [.null]]
        let wanted: JSONValue = ["b": ["c": 4, "d": 3, "e": ["g": 1]], "h": [.null]]
        #expect(try ValueChange.merge(patch).applied(to: old) == wanted)
        #expect(try ValueChange.merge(["a": 1]).applied(to: nil) == ["a": 1])
        #expect(try ValueChange.merge(["a": 1]).applied(to: 5) == ["a": 1])
        #expect(try ValueChange.merge(7).applied(to: old) == 7)
    }

    @Test("a value is replaced only where it is the expected one")
    func replace() throws {
        let change = ValueChange.replace(from: ["a": 1.0], to: "new")
        #expect(try change.applied(to: ["a": 1]) == "new")
        #expect(#expect(throws: CommandError.self) { try change.applied(to: nil) }?.code == .notFound)
        #expect(#expect(throws: CommandError.self) { try change.applied(to: ["a": 2]) }?.code == .fenced)
    }
}
