import HoldfastStorage

/// Values as the command line spells them: JSON.
enum MapValue {
    /// - Throws: ``CommandError`` with code `badInput`.
    static func parse(_ text: String, _ what: String, key: String? = nil) throws -> JSONValue {
        do {
            return try CanonicalJSON.parse(Array(text.utf8))
        } catch {
            throw CommandError(.badInput, "\(what) is JSON, for example 5 or '\"text\"': \(error)", key: key)
        }
    }

    static func output(_ value: JSONValue) throws -> OutputValue { .raw(try CanonicalJSON.write(value)) }

    static func text(_ value: JSONValue) throws -> String {
        String(decoding: try CanonicalJSON.write(value), as: UTF8.self)
    }
}
