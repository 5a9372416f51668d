import Foundation
import Testing

/// The pages that speak of the example.
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

    @Test("every piece of program in the tutorial is a piece of the example")
    func tutorial() throws {
        let program = try Self.program("Sources/ExampleAdventure")
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
}
