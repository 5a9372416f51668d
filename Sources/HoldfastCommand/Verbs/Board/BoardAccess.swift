import HoldfastMemoryStore
import HoldfastStorage

/// Opens boards for verbs.
enum BoardAccess {
    /// Opens a board that was created, or a season of it, for the time of `body`; failures name the member.
    static func with<Result: Sendable>(
        _ name: String, season: String? = nil, member: String? = nil, _ invocation: Invocation,
        _ body: @escaping @Sendable (Board) async throws -> Result
    ) async throws -> Result {
        do {
            return try await Backends.withMemory(invocation) { memory in
                try await body(try await open(name, season: season, memory))
            }
        } catch {
            throw CommandError(error, key: member)
        }
    }

    private static func open(_ name: String, season: String?, _ memory: MemoryStore) async throws -> Board {
        let board = try await memory.board(name)
        guard let season else { return board }
        guard let id = Int64(season) else {
            throw CommandError(.notFound, "there is no such season; board seasons lists them", key: season)
        }
        return try await board.season(id)
    }

    /// Reads a member's name.
    ///
    /// - Throws: ``CommandError`` with code `badInput`.
    static func member(_ text: String) throws -> Key {
        do {
            return try Key(text)
        } catch {
            throw CommandError(.badInput, "a member has 1 to \(Key.maximumBytes) bytes of UTF-8", key: text)
        }
    }
}

extension BoardRow {
    /// The row that every verb prints.
    var document: OutputValue { .object(fields) }

    /// Its fields, for rows that have more.
    var fields: [OutputValue.Field] {
        [
            .init(name: "rank", value: .integer(Int64(rank))),
            .init(name: "member", value: .string(member.description)),
            .init(name: "score", value: .integer(score)), .init(name: "subscore", value: .integer(subscore)),
        ]
    }
}

extension BoardPage {
    /// The page as `--json` prints it.
    var document: OutputValue {
        [
            "rows": .array(rows.map(\.document)), "next": .optional(next?.description),
            "previous": .optional(previous?.description), "total": .integer(Int64(total)),
        ]
    }

    /// The page for people.
    var text: String {
        guard !rows.isEmpty else { return "no rows" }
        return BoardTable.text(rows) + (next.map { "\nmore: --after \($0)" } ?? "")
    }
}

/// Rows of boards for people.
enum BoardTable {
    /// A column for subscores only where there are any.
    static func text(_ rows: [BoardRow]) -> String {
        let hasSubscores = rows.contains { $0.subscore != 0 }
        var table = hasSubscores ? Table("RANK", "MEMBER", "SCORE", "SUBSCORE") : Table("RANK", "MEMBER", "SCORE")
        for row in rows {
            if hasSubscores {
                table.add("\(row.rank)", row.member.description, "\(row.score)", "\(row.subscore)")
            } else {
                table.add("\(row.rank)", row.member.description, "\(row.score)")
            }
        }
        return table.text
    }
}
