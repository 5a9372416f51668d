public import HoldfastStorage

extension Session {
    /// Sets the value at a place, making objects on the way; not durable until the next save.
    ///
    /// - Throws: ``ProfileError``: `badInput` when the path does not fit the document or the changed document does not
    ///   fit its type; as ``edit(_:)`` otherwise. Nothing is changed then.
    public func set(_ value: JSONValue, at path: DocumentPath) throws {
        try change(path) { $0 = value }
    }

    /// Removes the value at a place; removing what is not there does nothing.
    ///
    /// - Throws: ``ProfileError`` as ``set(_:at:)``.
    public func remove(at path: DocumentPath) throws {
        try change(path) { $0 = nil }
    }

    /// Adds to the integer at a place, which counts as 0 where nothing is.
    ///
    /// Returns the new value.
    ///
    /// - Throws: ``ProfileError``: `badInput` when something else is there or the sum leaves Int64; as ``set(_:at:)``.
    @discardableResult
    public func add(_ amount: Int64, to path: DocumentPath) throws -> Int64 {
        var sum: Int64 = 0
        try change(path) { value in
            guard let number = value.map({ $0.int64 }) ?? 0 else {
                throw ProfileError(.badInput, "\(path) holds no integer", record: id)
            }
            let (result, overflow) = number.addingReportingOverflow(amount)
            guard !overflow else { throw ProfileError(.badInput, "\(path) would leave Int64", record: id) }
            sum = result
            value = .integer(result)
        }
        return sum
    }

    /// Adds an element at the end of the array at a place, which is made where nothing is.
    ///
    /// - Throws: ``ProfileError`` as ``set(_:at:)``.
    public func append(_ element: JSONValue, to path: DocumentPath) throws {
        try change(path) { value in
            guard var elements = value.map({ $0.array }) ?? [] else {
                throw ProfileError(.badInput, "\(path) holds no array", record: id)
            }
            elements.append(element)
            value = .array(elements)
        }
    }

    private func change(_ path: DocumentPath, _ change: (inout JSONValue?) throws -> Void) throws {
        try edit { document in
            var json = try codec.toJSON(document)
            try path.apply(to: &json, change)
            do {
                document = try codec.fromJSON(json).0
            } catch {
                throw ProfileError(.badInput, "\(path): the document would not fit its type: \(error)", record: id)
            }
        }
    }
}
