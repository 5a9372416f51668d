import HoldfastStorage
import Testing

@Suite("Paths")
struct DocumentPathTests {
    @Test(
        "examples of RFC 6901 name what it says",
        arguments: [
            ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3), ("/g|h", 4), (#"/i\j"#, 5),
            (#"/k"l"#, 6), ("/ ", 7), ("/m~0n", 8),
        ] as [(String, JSONValue)])
    func examples(pointer: String, value: JSONValue) throws {
        let document: JSONValue = [
            "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, #"i\j"#: 5, #"k"l"#: 6, " ": 7,
            "m~n": 8,
        ]
        let path = try #require(DocumentPath(pointer: pointer))
        #expect(path.value(in: document) == value)
        #expect(path.pointer == pointer)
        #expect(DocumentPath(pointer: "")?.value(in: document) == document)
    }

    @Test("names are told apart by their bytes, positions are plain digits")
    func bytes() {
        #expect(DocumentPath("\u{E9}") != DocumentPath("e\u{301}"))
        #expect(Set([DocumentPath("\u{E9}"), DocumentPath("e\u{301}"), DocumentPath("\u{E9}")]).count == 2)
        let list: JSONValue = ["list": [7]]
        #expect(DocumentPath("list.0").value(in: list) == 7)
        for component in ["00", "+0", "-0", "", " 0", "-", "1", "99999999999999999999"] {
            #expect(DocumentPath(components: ["list", component]).value(in: list) == nil)
        }
    }

    @Test(
        "a pointer begins with a slash and escapes only what it may", arguments: ["a", "a/b", "/~", "/~2", "/a~", " /"])
    func badPointers(_ text: String) {
        #expect(DocumentPath(pointer: text) == nil)
    }
}
