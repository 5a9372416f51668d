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

    @Test("every piece of program in the tutorial is a piece of the example or of its tests")
    func tutorial() throws {
        let program = try Self.program("Sources/ExampleAdventure") + Self.program("Tests/ExampleAdventureTests")
        let pieces = try Self.page("Tutorial").components(separatedBy: "```swift\n").dropFirst().map { piece in
            piece.components(separatedBy: "```")[0]
        }
        #expect(pieces.count > 5)
        for piece in pieces {
            // The page moves pieces to the left.
            let isThere = [0, 4, 8, 12].contains { indent in
                let moved = piece.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                    line.isEmpty ? "" : String(repeating: " ", count: indent) + line
                }
                return program.contains(moved.joined(separator: "\n"))
            }
            #expect(isThere, "not in the example:\n\(piece)")
        }
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
