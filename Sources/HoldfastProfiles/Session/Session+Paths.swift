public import HoldfastStorage

extension Session {
    /// Sets the value at a place, making objects on the way; not durable until the next save.
    ///
    /// - Throws: ``ProfileError``: `badInput` when the path does not fit the document, names what its type does not
    ///   know, or the changed document does not fit its type; as ``edit(reason:_:)`` otherwise. Nothing is changed
    ///   then.
    public func set(_ value: JSONValue, at path: DocumentPath, reason: String? = nil) throws {
        try change(path, reason) { $0 = value }
    }

    /// Removes the value at a place; removing what is not there does nothing.
    ///
    /// - Throws: ``ProfileError`` as ``set(_:at:reason:)``.
    public func remove(at path: DocumentPath, reason: String? = nil) throws {
        try change(path, reason) { $0 = nil }
    }

    /// Adds to the integer at a place, which counts as 0 where nothing is.
    ///
    /// Returns the new value.
    ///
    /// - Parameters:
    ///   - range: What the sum must stay in: a purse that may not become negative, a level with a cap.
    ///   - clamping: Whether a sum outside of the range becomes its nearest end instead of an error.
    /// - Throws: ``ProfileError``: `badInput` when something else is there or the sum leaves Int64 or the range; as
    ///   ``set(_:at:reason:)``.
    @discardableResult
    public func add(
        _ amount: Int64, to path: DocumentPath, in range: ClosedRange<Int64> = .min ... .max, clamping: Bool = false,
        reason: String? = nil
    ) throws -> Int64 {
        var sum: Int64 = 0
        try change(path, reason) { value in
            guard let number = value.map({ $0.int64 }) ?? 0 else {
                throw ProfileError(.badInput, "\(path) holds no integer", record: id)
            }
            let (result, overflow) = number.addingReportingOverflow(amount)
            sum = overflow ? (amount < 0 ? .min : .max) : result
            if clamping { sum = min(max(sum, range.lowerBound), range.upperBound) }
            guard clamping || !overflow && range.contains(sum) else {
                throw ProfileError(
                    .badInput, "\(path) would leave \(range == .min ... .max ? "Int64" : "\(range)")", record: id)
            }
            value = .integer(sum)
        }
        return sum
    }

    /// Adds an element at the end of the array at a place, which is made where nothing is.
    ///
    /// - Throws: ``ProfileError`` as ``set(_:at:reason:)``.
    public func append(_ element: JSONValue, to path: DocumentPath, reason: String? = nil) throws {
        try changeArray(path, reason) { $0.append(element) }
    }

    /// Puts an element into the array at a place, before the one at `index`; 0 in one that is not there yet.
    ///
    /// - Throws: ``ProfileError`` as ``set(_:at:reason:)``; `badInput` for an index outside 0 to the count.
    public func insert(_ element: JSONValue, at index: Int, in path: DocumentPath, reason: String? = nil) throws {
        try changeArray(path, reason) { elements in
            guard (0...elements.count).contains(index) else {
                throw ProfileError(.badInput, "\(path) has no position \(index) to insert at", record: id)
            }
            elements.insert(element, at: index)
        }
    }

    /// Sets many members of the object at a place, all or nothing: a JSON merge patch (RFC 7396), in which null
    /// removes.
    ///
    /// - Throws: ``ProfileError`` as ``set(_:at:reason:)``.
    public func merge(_ patch: JSONValue, at path: DocumentPath, reason: String? = nil) throws {
        try change(path, reason) { value in value = Self.merged(value, with: patch) }
    }

    private static func merged(_ value: JSONValue?, with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var object = value?.object ?? JSONObject()
        for member in changes.members {
            object[member.key] = member.value == .null ? nil : merged(object[member.key], with: member.value)
        }
        return .object(object)
    }

    private func changeArray(
        _ path: DocumentPath, _ reason: String?, _ change: (inout [JSONValue]) throws -> Void
    ) throws {
        try self.change(path, reason) { value in
            guard var elements = value.map({ $0.array }) ?? [] else {
                throw ProfileError(.badInput, "\(path) holds no array", record: id)
            }
            try change(&elements)
            value = .array(elements)
        }
    }

    private func change(
        _ path: DocumentPath, _ reason: String?, _ change: (inout JSONValue?) throws -> Void
    ) throws {
        try self.change(because: .init(.path, reason: reason, path: path)) { document, _ in
            var json = try codec.toJSON(document)
            if path.components.isEmpty {
                var whole: JSONValue? = json
                try change(&whole)
                json = whole ?? .object(JSONObject())
            } else {
                try path.apply(to: &json, change)
            }
            let before = document
            let trace: KeyTrace?
            do {
                (document, trace) = try codec.fromJSON(json)
            } catch {
                throw ProfileError(.badInput, "\(path): the document would not fit its type: \(error)", record: id)
            }
            guard trace?.isAsked(for: path, in: json) ?? true else {
                throw ProfileError(.badInput, "\(path) is nothing that the document's type knows", record: id)
            }
            codec.parts?.keep(&document, before)
        }
    }
}
