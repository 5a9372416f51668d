import HoldfastStorage

/// One line of a board's import: `member,score[,subscore]`.
struct BoardImportLine: Equatable {
    let member: Key
    let score: Int64
    let subscore: Int64

    /// Reads a line without its end.
    ///
    /// - Throws: ``CommandError`` with code `badInput`.
    init(_ bytes: [UInt8]) throws(CommandError) {
        guard let fields = Self.fields(bytes), (2...3).contains(fields.count) else {
            throw CommandError(.badInput, "expected member,score or member,score,subscore")
        }
        guard let member = try? Key(bytes: fields[0]) else {
            throw CommandError(.badInput, "a member has 1 to \(Key.maximumBytes) bytes of UTF-8")
        }
        let key = member.description
        func number(_ field: [UInt8], _ what: String) throws(CommandError) -> Int64 {
            let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 }
            let isFollowedBySpaces = field.drop { $0 == 0x20 }.dropFirst(digits.count).allSatisfy { $0 == 0x20 }
            guard isFollowedBySpaces, let number = Int64(String(decoding: digits, as: UTF8.self)) else {
                throw CommandError(.badInput, "the \(what) is no whole number within Int64", key: key)
            }
            return number
        }
        self.member = member
        score = try number(fields[1], "score")
        subscore = fields.count == 3 ? try number(fields[2], "subscore") : 0
    }

    /// Nil where a quote is not closed, or something follows it.
    private static func fields(_ bytes: [UInt8]) -> [[UInt8]]? {
        let (comma, quote) = (UInt8(ascii: ","), UInt8(ascii: "\""))
        var rest = bytes[...]
        var first: [UInt8] = []
        guard rest.first == quote else {
            return rest.split(separator: comma, omittingEmptySubsequences: false).map { Array($0) }
        }
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte != quote {
                first.append(byte)
            } else if rest.first == quote {
                first.append(rest.removeFirst())
            } else {
                guard rest.popFirst() == comma else { return nil }
                return [first] + rest.split(separator: comma, omittingEmptySubsequences: false).map { Array($0) }
            }
        }
        return nil
    }
}
