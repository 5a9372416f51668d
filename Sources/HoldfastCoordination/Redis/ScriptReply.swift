import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// The array that every script of ours returns: a code, then fields.
struct ScriptReply {
    let script: Script
    let code: String
    let fields: [RedisValue]

    /// Reads the code.
    ///
    /// - Throws: ``CoordinationError`` with code `internal` for another shape, and for `BAD_ARGUMENT`: what
    ///   callers pass in was checked before.
    init(_ script: Script, _ value: RedisValue) throws(CoordinationError) {
        guard case .array(let elements) = value, let first = elements.first, let code = first.string else {
            throw CoordinationError(.internalError, "\(script.name) answered in an unknown form")
        }
        guard code != "BAD_ARGUMENT" else {
            throw CoordinationError(.internalError, "\(script.name) refused its arguments")
        }
        self.script = script
        self.code = code
        self.fields = Array(elements.dropFirst())
    }

    /// A reply within a reply, such as one row of a list.
    init(_ script: Script, code: String, row: RedisValue) throws(CoordinationError) {
        guard case .array(let elements) = row else {
            throw CoordinationError(.internalError, "\(script.name) answered a row in an unknown form")
        }
        self.script = script
        self.code = code
        self.fields = elements
    }

    /// The number of fields.
    var count: Int { fields.count }

    /// The field at `index`, counted from 1 as in Lua: what follows the code.
    func bytes(_ index: Int) throws(CoordinationError) -> [UInt8] {
        guard case .bytes(let bytes) = try field(index) else { throw unexpected(index) }
        return bytes
    }

    func text(_ index: Int) throws(CoordinationError) -> String {
        guard let text = String(validating: try bytes(index), as: UTF8.self) else { throw unexpected(index) }
        return text
    }

    /// Nil where the script wrote an empty string.
    func optionalText(_ index: Int) throws(CoordinationError) -> String? {
        let text = try text(index)
        return text.isEmpty ? nil : text
    }

    func number(_ index: Int) throws(CoordinationError) -> Int64 {
        guard let number = try optionalNumber(index) else { throw unexpected(index) }
        return number
    }

    /// Nil where the script wrote an empty string.
    func optionalNumber(_ index: Int) throws(CoordinationError) -> Int64? {
        if case .integer(let number) = try field(index) { return number }
        guard let text = try optionalText(index) else { return nil }
        guard let number = Int64(text) else { throw unexpected(index) }
        return number
    }

    func id(_ index: Int) throws(CoordinationError) -> RandomID {
        guard let id = RandomID(bytes: try bytes(index)) else { throw unexpected(index) }
        return id
    }

    /// A code or field that the script's header does not name.
    func unexpected(_ index: Int? = nil) -> CoordinationError {
        let place = index.map { "field \($0)" } ?? "code \(code)"
        return CoordinationError(.internalError, "\(script.name) answered an unexpected \(place)")
    }

    private func field(_ index: Int) throws(CoordinationError) -> RedisValue {
        guard index >= 1, index <= fields.count else { throw unexpected(index) }
        return fields[index - 1]
    }
}
