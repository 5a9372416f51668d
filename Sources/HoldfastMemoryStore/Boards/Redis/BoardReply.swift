import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// What the scripts of `Lua/board/` answer: a code, then fields.
struct BoardReply {
    let script: Script
    let code: String
    private let fields: [RedisValue]

    /// Reads the code.
    ///
    /// - Throws: ``MemoryStoreError``: `conflict` when the board was made with other rules, `internal` for a form
    ///   that the script's header does not name.
    init(_ script: Script, _ value: RedisValue) throws(MemoryStoreError) {
        guard case .array(let fields) = value, let code = fields.first?.string else {
            throw MemoryStoreError(.internalError, "\(script.name) answered in an unknown form")
        }
        guard code != "RULES" else {
            throw MemoryStoreError(.conflict, "this board exists with other rules; it can be used with its own only")
        }
        guard code != "BAD_ARGUMENT" else {
            throw MemoryStoreError(.internalError, "\(script.name) refused its arguments")
        }
        self.script = script
        self.code = code
        self.fields = fields
    }

    /// How many fields follow the code.
    var count: Int { fields.count - 1 }

    /// The field at `index`, counted from 1: the code is at 0.
    func integer(_ index: Int) throws(MemoryStoreError) -> Int {
        guard let number = try integerIfAny(index) else { throw unexpected(index) }
        return number
    }

    /// Nil where the script wrote an empty text.
    func integerIfAny(_ index: Int) throws(MemoryStoreError) -> Int? {
        let value = try field(index)
        if case .bytes(let bytes) = value, bytes.isEmpty { return nil }
        guard let number = value.integer.flatMap({ Int(exactly: $0) }) else { throw unexpected(index) }
        return number
    }

    /// Nil where the script wrote an empty text.
    func bytesIfAny(_ index: Int) throws(MemoryStoreError) -> [UInt8]? {
        guard let bytes = try field(index).bytes else { throw unexpected(index) }
        return bytes.isEmpty ? nil : bytes
    }

    func bytes(_ index: Int) throws(MemoryStoreError) -> [UInt8] {
        guard let bytes = try field(index).bytes else { throw unexpected(index) }
        return bytes
    }

    /// Nil where the script wrote an empty text.
    func doubleIfAny(_ index: Int) throws(MemoryStoreError) -> Double? {
        let value = try field(index)
        if case .bytes(let bytes) = value, bytes.isEmpty { return nil }
        guard let number = BoardNumber.double(value) else { throw unexpected(index) }
        return number
    }

    func array(_ index: Int) throws(MemoryStoreError) -> [RedisValue] {
        guard let values = try field(index).array else { throw unexpected(index) }
        return values
    }

    /// An array within the reply, to be read in the same way; its elements count from 1.
    func list(_ index: Int) throws(MemoryStoreError) -> BoardReply {
        BoardReply(script: script, code: code, fields: [.null] + (try array(index)))
    }

    private init(script: Script, code: String, fields: [RedisValue]) {
        self.script = script
        self.code = code
        self.fields = fields
    }

    /// A code or field that the script's header does not name.
    func unexpected(_ index: Int? = nil) -> MemoryStoreError {
        let place = index.map { "field \($0)" } ?? "code \(code)"
        return MemoryStoreError(.internalError, "\(script.name) answered an unexpected \(place)")
    }

    private func field(_ index: Int) throws(MemoryStoreError) -> RedisValue {
        guard fields.indices.contains(index) else { throw unexpected(index) }
        return fields[index]
    }
}
