import HoldfastRedis
import HoldfastScripts

/// The array that every script of ours returns: a code, then fields.
struct ScriptReply: Sendable {
    let script: Script
    let code: String
    /// The code and what follows it.
    let elements: [RedisValue]

    /// Reads the code.
    ///
    /// - Throws: ``MemoryStoreError`` with code `internal` for another shape, and for `BAD_ARGUMENT`: what callers
    ///   pass in was checked before.
    init(_ script: Script, _ value: RedisValue) throws(MemoryStoreError) {
        guard let elements = value.array, let code = elements.first?.string else {
            throw MemoryStoreError(.internalError, "\(script.name) answered in an unknown form")
        }
        guard code != "BAD_ARGUMENT" else {
            throw MemoryStoreError(.internalError, "\(script.name) refused its arguments")
        }
        self.script = script
        self.code = code
        self.elements = elements
    }

    /// The number of fields after the code.
    var count: Int { elements.count - 1 }

    /// The field at `index`, counted from 1: what follows the code.
    func bytes(_ index: Int) throws(MemoryStoreError) -> [UInt8] {
        guard elements.indices.contains(index), let bytes = elements[index].bytes else { throw unexpected(index) }
        return bytes
    }

    func text(_ index: Int) throws(MemoryStoreError) -> String {
        guard elements.indices.contains(index), let text = elements[index].string else { throw unexpected(index) }
        return text
    }

    func number(_ index: Int) throws(MemoryStoreError) -> Int64 {
        guard elements.indices.contains(index), let number = elements[index].integer else { throw unexpected(index) }
        return number
    }

    /// What a caller throws at a code that it does not know.
    var unknownCode: MemoryStoreError {
        MemoryStoreError(.internalError, "\(script.name) answered \(code)")
    }

    /// What a caller throws at a field that is not in the agreed form.
    func unexpected(_ index: Int) -> MemoryStoreError {
        MemoryStoreError(.internalError, "\(script.name) answered \(code) with another field \(index)")
    }
}
