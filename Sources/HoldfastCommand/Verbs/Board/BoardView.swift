import Glibc
import HoldfastMemoryStore

/// Shows rows of a board, and shows them again only where they changed: in place on a terminal, below elsewhere.
struct BoardView {
    private let output: Output
    private let redraws: Bool
    private var last: OutputValue?
    private var height = 0

    /// - Parameter redraws: Whether to write over what was shown before, where that is possible.
    init(output: Output, redraws: Bool) {
        self.output = output
        self.redraws = redraws && isatty(STDOUT_FILENO) == 1 && !output.json
    }

    mutating func show(_ page: BoardPage) throws {
        try show(page.document) { page.text }
    }

    mutating func show(_ rows: [BoardSubsetRow]) throws {
        let document = OutputValue.page(
            rows.map { row in
                .object(row.row.fields + [.init(name: "subsetRank", value: .integer(Int64(row.subsetRank)))])
            })
        try show(document) {
            guard !rows.isEmpty else { return "no rows" }
            var table = Table("PLACE", "RANK", "MEMBER", "SCORE", "SUBSCORE")
            for row in rows {
                table.add(
                    "\(row.subsetRank)", "\(row.row.rank)", row.row.member.description, "\(row.row.score)",
                    "\(row.row.subscore)")
            }
            return table.text
        }
    }

    private mutating func show(_ document: OutputValue, text: () -> String) throws {
        guard document != last else { return }
        last = document
        if output.json {
            try output.print(document)
        } else {
            let text = text()
            try output.print(redraws && height > 0 ? "\u{1B}[\(height)A\u{1B}[J\(text)" : text)
            height = text.split(separator: "\n", omittingEmptySubsequences: false).count
        }
        try output.flush()
    }
}
