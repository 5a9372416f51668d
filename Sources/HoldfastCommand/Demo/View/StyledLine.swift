/// One line of the live view: pieces of text with a colour each, cut to the terminal's width.
struct StyledLine: Sendable, Equatable {
    enum Ink: String, Sendable {
        case plain = "", bold = "1", dim = "2", red = "31", green = "32", yellow = "33", blue = "34", cyan = "36"
    }

    private var pieces: [(text: String, ink: Ink)] = []

    init() {}

    init(_ text: String, _ ink: Ink = .plain) {
        add(text, ink)
    }

    mutating func add(_ text: String, _ ink: Ink = .plain) {
        pieces.append((text, ink))
    }

    /// Adds `text` in a column of `width`: cut or filled up, on the left where it is a number.
    mutating func add(_ text: String, width: Int, _ ink: Ink = .plain, alignedRight: Bool = false) {
        let cut = String(text.prefix(width))
        let space = String(repeating: " ", count: width - cut.count)
        add(alignedRight ? space + cut : cut + space, ink)
    }

    /// The columns that the whole line would take.
    var width: Int { pieces.reduce(0) { $0 + $1.text.count } }

    /// The line in at most `columns` columns.
    func text(columns: Int, colored: Bool) -> String {
        var room = columns
        var line = ""
        for (text, ink) in pieces where room > 0 {
            let cut = String(text.prefix(room))
            room -= cut.count
            line += colored && ink != .plain ? "\u{1B}[\(ink.rawValue)m\(cut)\u{1B}[0m" : cut
        }
        return line
    }

    static func == (left: StyledLine, right: StyledLine) -> Bool {
        left.pieces.elementsEqual(right.pieces) { $0.text == $1.text && $0.ink == $1.ink }
    }
}
