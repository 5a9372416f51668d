import Foundation
import Testing

@Suite struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test(
        "the program in the documentation is the one that is built",
        arguments: [
            "README.md", "Sources/Holdfast/Holdfast.docc/Embed.md",
        ])
    func example(page: String) throws {
        let program = try Self.text("Sources/ExampleGameServer/main.swift")
        #expect(try Self.text(page).contains("```swift\n\(program)```"))
    }

    @Test("every key of the log is one of ours")
    func logKeys() throws {
        let folder = Self.root.appendingPathComponent("Sources")
        var keys = Set<String>()
        for case let path as String in FileManager.default.enumerator(atPath: folder.path) ?? .init()
        where path.hasSuffix(".swift") {
            let source = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            guard source.contains("metadata: [") else { continue }
            keys.formUnion(source.matches(of: /"([A-Za-z_.]+)": "\\\(/).map { String($0.1) })
            keys.formUnion(source.matches(of: /metadataKey: "([^"]+)"/).map { String($0.1) })
        }
        #expect(keys.contains("holdfast.record"))
        #expect(keys.filter { !$0.hasPrefix("holdfast.") }.sorted() == [])
    }

    @Test("the catalogue names every metric of the sources and no other")
    func metrics() throws {
        let folder = Self.root.appendingPathComponent("Sources")
        var recorded = Set<String>()
        for case let path as String in FileManager.default.enumerator(atPath: folder.path) ?? .init()
        where path.hasSuffix("Metrics.swift") {
            let source = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            recorded.formUnion(source.matches(of: /"(holdfast_[a-z_]+)"/).map { String($0.1) })
        }
        let page = try Self.text("Sources/Holdfast/Holdfast.docc/Metrics.md")
        let documented = Set(page.matches(of: /\| `(holdfast_[a-z_]+)` \|/).map { String($0.1) })
        #expect(!recorded.isEmpty)
        #expect(recorded.symmetricDifference(documented).sorted() == [])
    }
}
