/// Rows in aligned columns under a heading.
struct Table {
    private let heading: [String]
    private var rows: [[String]] = []
    private let style: TerminalStyle

    init(_ heading: String..., style: TerminalStyle = .standardOutput) {
        self.heading = heading
        self.style = style
    }

    /// Adds a row; control characters are escaped.
    mutating func add(_ cells: String...) {
        rows.append(cells.map { TerminalText.escaped($0) })
    }

    /// The lines, joined.
    var text: String {
        let all = [heading] + rows
        let widths = heading.indices.map { column in all.map { TerminalText.width($0[column]) }.max() ?? 0 }
        let lines = all.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                line += cell
                guard column < cells.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - TerminalText.width(cell) + 2)
            }
            return line
        }
        return ([style.bold(lines[0])] + lines.dropFirst()).joined(separator: "\n")
    }
}
