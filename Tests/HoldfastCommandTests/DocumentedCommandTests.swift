import ArgumentParser
import Foundation
import Testing

@testable import HoldfastCommand

/// The pages show no verb and no flag that the command does not have.
@Suite struct DocumentedCommandTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func pages() throws -> [String] {
        let catalog = "Sources/Holdfast/Holdfast.docc"
        let articles = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(catalog).path)
        return ["README.md"] + articles.filter { $0.hasSuffix(".md") }.sorted().map { "\(catalog)/\($0)" }
    }

    @Test("each command line of a page is one that the command takes", arguments: try pages())
    func commandLines(page: String) throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent(page), encoding: .utf8)
        for (number, part) in text.components(separatedBy: "```").enumerated() {
            if number.isMultiple(of: 2) {
                // Within a sentence what follows a verb may be left out.
                for span in part.split(separator: "`", omittingEmptySubsequences: false) {
                    guard let arguments = Self.arguments(span) else { continue }
                    #expect(VerbPath.problem(in: arguments) == nil, "\(span)")
                }
            } else {
                for line in part.split(separator: "\n") {
                    guard let arguments = Self.arguments(line) else { continue }
                    #expect(throws: Never.self, "\(line)") { _ = try MainCommand.parseAsRoot(arguments) }
                }
            }
        }
    }

    /// What a shell would give to the command; nil for what is another command, or none.
    private static func arguments(_ line: some StringProtocol) -> [String]? {
        let words = words(line)
        guard let program = words.first, ["holdfast", "Deploy/run"].contains(program), words.count > 1,
            words[1] != "VERB", !words[1].hasPrefix("-")
        else { return nil }
        return Array(words.dropFirst())
    }

    /// Words up to a comment or a redirection, without their quotes.
    private static func words(_ line: some StringProtocol) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            switch (character, quote) {
            case (quote, .some): quote = nil
            case (_, .some): word?.append(character)
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case ("#", nil) where word == nil, (">", nil) where word == nil: return words
            case (" ", nil):
                if let done = word { words.append(done) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
