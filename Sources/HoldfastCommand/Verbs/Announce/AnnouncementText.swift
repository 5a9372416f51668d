import HoldfastStorage

/// Messages as the command line spells them: JSON, or plain text.
enum AnnouncementText {
    /// Reads JSON where the text is JSON; what begins like an object, an array or a string must be.
    ///
    /// - Throws: ``CommandError`` with code `badInput`.
    static func parse(_ text: String) throws(CommandError) -> JSONValue {
        do {
            return try CanonicalJSON.parse(Array(text.utf8))
        } catch {
            let first = text.first { !$0.isWhitespace }
            if let first, "{[\"".contains(first) {
                throw CommandError(.badInput, "the message begins like JSON and is none: \(error)")
            }
            return .string(text)
        }
    }

    /// A message for people, on one line.
    static func line(_ message: JSONValue) -> String {
        if let text = message.string { return TerminalText.escaped(text) }
        let bytes = (try? CanonicalJSON.write(message)) ?? []
        return TerminalText.escaped(String(decoding: bytes, as: UTF8.self))
    }
}
