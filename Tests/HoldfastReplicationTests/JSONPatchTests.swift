import HoldfastReplication
import HoldfastStorage
import Testing

@Suite("Patches")
struct JSONPatchTests {
    @Test("the difference of two documents leads from one to the other, through its bytes, too", arguments: 1...2_000)
    func difference(seed: Int) throws {
        var random = RandomDocuments(seed: UInt64(seed))
        let old = random.document()
        var new = old
        if seed.isMultiple(of: 5) {
            new = random.document()
        } else {
            for _ in 0..<random.number(0...3) { try JSONPatch([random.change(of: new)]).apply(to: &new) }
        }
        let patch = JSONPatch(from: old, to: new)
        #expect(patch.operations.isEmpty == (old == new))
        let sent = try JSONPatch(json: CanonicalJSON.parse(CanonicalJSON.write(patch.json)))
        #expect(sent == patch)
        var document = old
        try sent.apply(to: &document)
        #expect(document == new)
    }

    @Test("one inserted or removed element is one operation")
    func oneElement() {
        let all: JSONValue = [1, 2, 3, 4, 5]
        #expect(JSONPatch(from: [1, 2, 4, 5], to: all).operations == [.add("2", 3)])
        #expect(JSONPatch(from: all, to: [2, 3, 4, 5]).operations == [.remove("0")])
        #expect(JSONPatch(from: [7, 7], to: [7, 7, 7]).operations == [.add("2", 7)])
    }

    @Test("a patch that fails half-way leaves the document as it was", arguments: 1...500)
    func allOrNothing(seed: Int) throws {
        var random = RandomDocuments(seed: UInt64(seed))
        let old = random.document()
        var document = old
        var patch = JSONPatch()
        for _ in 0..<4 {
            patch.operations.append(random.change(of: document))
            try JSONPatch(patch.operations.suffix(1)).apply(to: &document)
        }
        var copy = old
        try patch.apply(to: &copy)
        #expect(copy == document)
        patch.operations.append(.remove(DocumentPath(components: ["no", "such", "place"])))
        copy = old
        #expect(throws: ReplicationError.self) { try patch.apply(to: &copy) }
        #expect(copy == old)
    }

    @Test("examples of RFC 6902 come out as its appendix says")
    func examples() throws {
        func applied(_ operations: [JSONPatch.Operation], to document: JSONValue) throws -> JSONValue {
            var document = document
            try JSONPatch(operations).apply(to: &document)
            return document
        }
        #expect(try applied([.add("baz", "qux")], to: ["foo": "bar"]) == ["baz": "qux", "foo": "bar"])
        #expect(try applied([.add("foo.1", "qux")], to: ["foo": ["bar", "baz"]]) == ["foo": ["bar", "qux", "baz"]])
        #expect(try applied([.remove("foo.1")], to: ["foo": ["bar", "qux", "baz"]]) == ["foo": ["bar", "baz"]])
        #expect(try applied([.add("foo.-", ["abc"])], to: ["foo": ["bar"]]) == ["foo": ["bar", ["abc"]]])
        #expect(try applied([.test("a", 1), .replace("a", 2)], to: ["a": 1]) == ["a": 2])
        let escaped = try #require(DocumentPath(pointer: "/~01"))
        #expect(try applied([.test(escaped, 10)], to: ["/": 9, "~1": 10]) == ["/": 9, "~1": 10])
    }

    @Test(
        "what does not fit is refused",
        arguments: [
            .add("baz.bat", "qux"), .remove("a"), .replace("a", 1), .test("foo", "other"), .add("list.3", 1),
            .remove("list.2"), .replace("list.-", 1), .add("list.01", 1), .add("list.+1", 1), .add("foo.x", 1),
            .remove(DocumentPath(components: [])), .test("missing", .null),
        ] as [JSONPatch.Operation])
    func refused(_ operation: JSONPatch.Operation) throws {
        let old: JSONValue = ["foo": "bar", "list": [1, 2]]
        var document = old
        let error = #expect(throws: ReplicationError.self) { try JSONPatch([operation]).apply(to: &document) }
        #expect(error?.code == .doesNotApply)
        #expect(document == old)
    }

    @Test("a value that would lie deeper than 64 containers is refused")
    func depth() throws {
        var document: JSONValue = [:]
        let deep = (0..<63).reduce(JSONValue.integer(1)) { value, _ in [value] }
        try JSONPatch([.add("a", deep)]).apply(to: &document)
        let before = document
        let error = #expect(throws: ReplicationError.self) {
            try JSONPatch([.replace("a.0", deep)]).apply(to: &document)
        }
        #expect(error?.code == .tooLarge)
        #expect(document == before)
    }

    @Test(
        "bytes that are no patch are refused",
        arguments: [
            "{}", "7", #"[{"op":"add","path":"/a"}]"#, #"[{"op":"move","from":"/a","path":"/b"}]"#,
            #"[{"op":"copy","from":"/a","path":"/b"}]"#, #"[{"path":"/a","value":1}]"#,
            #"[{"op":"add","path":"a","value":1}]"#, #"[{"op":"add","path":"/~2","value":1}]"#,
            #"[{"op":"add","path":"/~","value":1}]"#, #"[{"op":"add","path":7,"value":1}]"#, "[7]",
        ])
    func malformed(_ text: String) throws {
        let json = try CanonicalJSON.parse(Array(text.utf8))
        let error = #expect(throws: ReplicationError.self) { try JSONPatch(json: json) }
        #expect(error?.code == .malformed)
    }
}
