import HoldfastReplication
import HoldfastStorage
import Testing

@Suite("Public paths")
struct PublicPathsTests {
    @Test("publishing wallet.coins shows nothing else of wallet")
    func siblings() {
        let document: JSONValue = ["wallet": ["coins": 5, "gems": 9, "audit": ["secret"]], "email": "secret"]
        #expect(PublicPaths(["wallet.coins"]).filter(document) == ["wallet": ["coins": 5]])
        #expect(PublicPaths(["wallet"]).filter(document) == ["wallet": ["coins": 5, "gems": 9, "audit": ["secret"]]])
        #expect(PublicPaths(["wallet.coins.x"]).filter(document) == ["wallet": [:]])
        #expect(PublicPaths([]).filter(document) == [:])
    }

    @Test("a star stands for every element and member, and names beside it show more")
    func stars() {
        let document: JSONValue = [
            "items": [["kind": "sword", "price": 7], "secret", [["kind": "nested"]]],
            "players": ["me": ["name": "A", "gold": 3], "you": ["name": "B", "gold": 4]],
        ]
        let shown = PublicPaths(["items.*.kind", "players.*.name", "players.me.gold"]).filter(document)
        #expect(
            shown == [
                "items": [["kind": "sword"], .null, .null],
                "players": ["me": ["name": "A", "gold": 3], "you": ["name": "B"]],
            ])
    }

    @Test("a name never matches an array's position, nor a name of other bytes")
    func names() {
        #expect(PublicPaths(["items.0"]).filter(["items": ["secret"]]) == [:])
        #expect(PublicPaths(["items.0"]).filter(["items": ["0": "shown"]]) == ["items": ["0": "shown"]])
        #expect(PublicPaths(["\u{E9}"]).filter(["e\u{301}": "secret"]) == [:])
    }

    @Test("exactly the leaves that the whitelist leads to are visible", arguments: 1...2_000)
    func leaves(seed: Int) {
        var random = RandomDocuments(seed: UInt64(seed))
        let document = random.document()
        let whitelist = random.whitelist()
        let shown = PublicPaths(whitelist).filter(document)
        let leaves = VisibleLeaves(of: document, whitelist: whitelist)
        for (path, value) in leaves.visible { #expect(path.value(in: shown) == value) }
        for (path, value) in VisibleLeaves(of: shown, whitelist: []).all where leaves.visible[path] != value {
            // What stands for a hidden thing says nothing of it.
            #expect([.null, [:], []].contains(value), "\(path) shows \(value)")
        }
    }
}
