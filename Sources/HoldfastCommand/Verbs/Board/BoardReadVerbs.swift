import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct BoardRankVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rank", abstract: "Print a member's row.", discussion: "Example: holdfast board rank arena ada")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var place: BoardMemberArguments

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let member = try BoardAccess.member(place.member)
        let row = try await BoardAccess.with(place.name, member: place.member, invocation) { board in
            guard let row = try await board.rank(of: member) else {
                throw CommandError(.notFound, "there is no such member on this board")
            }
            return row
        }
        try invocation.output.print(row.document) { BoardTable.text([row]) }
    }
}

struct BoardAroundVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "around", abstract: "Print the rows around a member.",
        discussion: """
            The member stands in the middle, unless an end of the board is near. Example:
              holdfast board around arena ada --count 5
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var place: BoardMemberArguments

    @Option(help: ArgumentHelp("How many rows, 1 to \(Board.maximumRowsAround).", valueName: "number"))
    var count = 11

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let (member, count) = (try BoardAccess.member(place.member), count)
        guard (1...Board.maximumRowsAround).contains(count) else {
            throw CommandError.usage("--count: expected 1 to \(Board.maximumRowsAround)")
        }
        let page = try await BoardAccess.with(place.name, member: place.member, invocation) { board in
            try await board.around(member, count: count)
        }
        try invocation.output.print(page.document) { page.text }
    }
}

struct BoardCountVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "count", abstract: "Print how many members a board has.",
        discussion: "Example: holdfast board count arena --min 1000")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The board.")
    var name: String

    @OptionGroup var range: BoardScoreRange

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let scores = try range.scores
        let count = try await BoardAccess.with(name, invocation) { board in try await board.count(scores: scores) }
        try invocation.output.print(["count": .integer(Int64(count))]) { "\(count)" }
    }
}

struct BoardRemoveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a member from the current season of a board, durably.",
        discussion: "Example: holdfast board remove arena ada")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var place: BoardMemberArguments

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let member = try BoardAccess.member(place.member)
        try await BoardAccess.with(place.name, member: place.member, invocation) { board in
            guard try await board.stored([member]).first != .some(nil) else {
                throw CommandError(.notFound, "there is no such member on this board")
            }
            try await board.remove([member])
        }
        try invocation.output.print(["member": .string(place.member), "removed": true]) {
            "removed \(TerminalText.escaped(place.member))"
        }
    }
}

/// Bounds of scores, both inclusive.
struct BoardScoreRange: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Only scores from this one on.", valueName: "score"))
    var min: Int64?

    @Option(parsing: .unconditional, help: ArgumentHelp("Only scores up to this one.", valueName: "score"))
    var max: Int64?

    /// Nil where there are no bounds.
    ///
    /// - Throws: ``CommandError`` with code `usage`.
    var scores: ClosedRange<Int64>? {
        get throws {
            guard min != nil || max != nil else { return nil }
            let (low, high) = (min ?? .min, max ?? .max)
            guard low <= high else { throw CommandError.usage("--min is above --max") }
            return low...high
        }
    }
}
