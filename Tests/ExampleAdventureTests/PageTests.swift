import Foundation
import Testing

/// The pages that speak of the example and of everything.
@Suite struct PageTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func page(_ name: String) throws -> String {
        let path = "Sources/Holdfast/Holdfast.docc/\(name).md"
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// All Swift files of a folder, one after the other.
    private static func program(_ folder: String) throws -> String {
        let folder = root.appendingPathComponent(folder)
        var program = ""
        for case let path as String in FileManager.default.enumerator(atPath: folder.path) ?? .init()
        where path.hasSuffix(".swift") {
            program += try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8) + "\n"
        }
        return program
    }

    private static func articles() throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent("Sources/Holdfast/Holdfast.docc").path
        )
        .filter { $0.hasSuffix(".md") }.map { String($0.dropLast(3)) }.sorted()
    }

    @Test("every piece of program in the articles is compiled: in the examples, their tests, or for this")
    func programs() throws {
        func withoutSpace(_ text: String) -> String { text.filter { !$0.isWhitespace } }
        let program = withoutSpace(
            try ["Sources/ExampleAdventure", "Sources/ExampleGameServer", "Tests/ExampleAdventureTests"]
                .map(Self.program).joined())
        var count = 0
        for article in try Self.articles() {
            for piece in try Self.page(article).components(separatedBy: "```swift\n").dropFirst() {
                let piece = piece.components(separatedBy: "```")[0]
                count += 1
                // Not in the expectation, which would print all there is.
                let isCompiled = program.range(of: withoutSpace(piece)) != nil
                #expect(isCompiled, "\(article) shows what nobody compiles; put it into Articles, too:\n\(piece)")
            }
        }
        #expect(count > 50)
    }

    @Test("the table of features has every row once, and names what the sources have")
    func features() throws {
        let page = try Self.page("FeatureTable")
        let rows = page.split(separator: "\n").compactMap { line in
            line.hasPrefix("| ") ? Int(line.dropFirst(2).prefix { $0.isNumber }) : nil
        }
        #expect(rows == Array(1...186))
        func words(_ text: some StringProtocol) -> Set<[UInt8]> {
            let words = Array(text.utf8).split { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): false
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): false
                default: true
                }
            }
            return Set(words.map { Array($0) })
        }
        let manifest = try String(contentsOf: Self.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let known = words(try Self.program("Sources") + manifest)
        for (number, span) in page.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        where !number.isMultiple(of: 2) {
            // Not in the expectation, which would print every word that there is.
            let isFile = FileManager.default.fileExists(atPath: Self.root.appendingPathComponent(String(span)).path)
            let isKnown = isFile || words(span).isSubset(of: known)
            #expect(isKnown, "\(span) is nothing that the sources know")
        }
    }
}
