import HoldfastRedis
import HoldfastScripts

extension ScriptReply {
    /// Reads what a script of `Lua/board/` answered.
    ///
    /// - Parameter isProjected: Whether the store feeds the board. Its name stands for one set of rules only: where
    ///   others are in place an earlier version wrote it in another form, and it counts as absent.
    /// - Throws: ``MemoryStoreError``: `conflict` when the board was made with other rules, and as
    ///   ``init(_:_:)`` does.
    init(board script: Script, _ value: RedisValue, isProjected: Bool) throws(MemoryStoreError) {
        try self.init(script, value)
        guard code == "RULES" else { return }
        guard isProjected else {
            throw MemoryStoreError(.conflict, "this board exists with other rules; it can be used with its own only")
        }
        try self.init(script, .array([.status("ABSENT")]))
    }

    func integer(_ index: Int) throws(MemoryStoreError) -> Int {
        guard let number = Int(exactly: try number(index)) else { throw unexpected(index) }
        return number
    }

    /// Nil where the script wrote an empty text.
    func integerIfAny(_ index: Int) throws(MemoryStoreError) -> Int? {
        try isEmpty(index) ? nil : try integer(index)
    }

    /// Nil where the script wrote an empty text.
    func doubleIfAny(_ index: Int) throws(MemoryStoreError) -> Double? {
        guard try !isEmpty(index) else { return nil }
        guard let number = BoardNumber.double(elements[index]) else { throw unexpected(index) }
        return number
    }

    func array(_ index: Int) throws(MemoryStoreError) -> [RedisValue] {
        guard elements.indices.contains(index), let values = elements[index].array else { throw unexpected(index) }
        return values
    }

    /// An array within the reply, to be read in the same way; its elements count from 1.
    func list(_ index: Int) throws(MemoryStoreError) -> ScriptReply {
        try ScriptReply(script, .array([.status(code)] + (try array(index))))
    }

    private func isEmpty(_ index: Int) throws(MemoryStoreError) -> Bool {
        guard elements.indices.contains(index) else { throw unexpected(index) }
        if case .bytes(let bytes) = elements[index] { return bytes.isEmpty }
        return false
    }
}
