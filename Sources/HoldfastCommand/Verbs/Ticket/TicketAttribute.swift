/// What tickets are matched by, as the command line spells it: `name=value`.
enum TicketAttribute {
    /// Reads several; no name twice.
    ///
    /// - Parameter value: Reads a value; nil for one that is none.
    /// - Throws: ``CommandError`` with code `usage`.
    static func parse<Value>(
        _ words: [String], option: String, value: (String) -> Value?
    ) throws(CommandError) -> [String: Value] {
        var found: [String: Value] = [:]
        for word in words {
            guard let end = word.firstIndex(of: "="), end > word.startIndex,
                let value = value(String(word[word.index(after: end)...]))
            else { throw .usage("\(option): expected name=value with a value of its kind, such as skill=1200") }
            guard found.updateValue(value, forKey: String(word[..<end])) == nil else {
                throw .usage("\(option): \(word[..<end]) is given twice")
            }
        }
        return found
    }
}
