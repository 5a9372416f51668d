/// Makes text safe to show: one line, no control characters.
enum TerminalText {
    /// Replaces control characters, line and direction marks by escapes; other text stays as it is.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default:
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Columns that a text takes: characters, wide ones counted as one.
    static func width(_ text: String) -> Int { text.count }
}
