import ArgumentParser
import HoldfastMemoryStore
import HoldfastStorage

struct BoardTopVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Print a board from its top on, or the places of chosen members.",
        discussion: """
            With --watch, shows the rows anew whenever they change, until interrupted; with --json a line for each. \
            Example:
              holdfast board top arena --count 20 --watch
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The board.")
    var name: String

    @Option(help: ArgumentHelp("How many rows, 1 to \(Board.maximumRows).", valueName: "number"))
    var count = 10

    @Option(help: ArgumentHelp("Go on from a page's next, or back from its previous.", valueName: "cursor"))
    var after: String?

    @Option(help: ArgumentHelp("An earlier season; the current one without it.", valueName: "id"))
    var season: String?

    @Option(help: ArgumentHelp("Only these members, one a line; - is standard input.", valueName: "file"))
    var members: String?

    @OptionGroup var range: BoardScoreRange

    @Flag(help: "Show the rows whenever they change.")
    var watch = false

    var createsStore: Bool { false }

    func validate() throws {
        guard (1...Board.maximumRows).contains(count) else {
            throw ValidationError("--count: expected 1 to \(Board.maximumRows)")
        }
        guard members == nil || (after == nil && range.min == nil && range.max == nil) else {
            throw ValidationError("--members has no pages; leave out --after, --min and --max")
        }
        guard !watch || after == nil else { throw ValidationError("--watch begins at the top; leave out --after") }
    }

    func deadline(timeout: Duration) throws -> Duration? { watch ? nil : timeout }

    func perform(_ invocation: Invocation) async throws {
        let chosen = try await chosenMembers()
        let (count, scores, watches) = (count, try range.scores, watch)
        let cursor = after.map { BoardCursor($0) }
        try await BoardAccess.with(name, season: season, invocation) { board in
            var view = BoardView(output: invocation.output, redraws: watches)
            repeat {
                if let chosen {
                    try view.show(try await board.ranks(of: chosen))
                } else {
                    try view.show(try await board.top(count, after: cursor, scores: scores))
                }
                if watches { try await Task.sleep(for: Board.defaultAge) }
            } while watches
        }
    }

    private func chosenMembers() async throws -> [Key]? {
        guard let members else { return nil }
        return try await Self.read(try InputFile(members))
    }

    /// One member a line; empty lines are passed over.
    private static func read(_ input: InputFile) async throws -> [Key] {
        var reader = LineReader(input)
        var members: [Key] = []
        while let line = try await reader.next() {
            guard let bytes = line.bytes, !bytes.isEmpty else { continue }
            guard let key = try? Key(bytes: bytes) else {
                throw CommandError(
                    .badInput, "--members: line \(line.number) is no member of 1 to \(Key.maximumBytes) bytes of UTF-8")
            }
            members.append(key)
            guard members.count <= Board.maximumRows else {
                throw CommandError(.badInput, "--members: at most \(Board.maximumRows)")
            }
        }
        return members
    }
}
