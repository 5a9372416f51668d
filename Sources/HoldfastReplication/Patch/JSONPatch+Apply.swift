public import HoldfastStorage

extension JSONPatch {
    /// Carries out all operations, or none where one does not apply.
    ///
    /// Works in place: the cost goes by the places and values that the patch names, not by the document's size, as long
    /// as nobody else holds a copy of the document.
    ///
    /// - Throws: ``ReplicationError``: `doesNotApply`, or `tooLarge` when a value would lie deeper than 64 containers.
    public func apply(to document: inout JSONValue) throws(ReplicationError) {
        var undo: [Operation] = []
        do throws(ReplicationError) {
            for operation in operations {
                if let inverse = try document.perform(operation) { undo.append(inverse) }
            }
        } catch {
            document.undo(undo)
            throw error
        }
    }
}

extension JSONValue {
    /// Takes back operations by their inverses, the last one first.
    mutating func undo(_ inverses: [JSONPatch.Operation]) {
        // An inverse fits the document that its operation left; one that did not would be a defect of `perform`.
        for inverse in inverses.reversed() { _ = try? perform(inverse) }
    }

    /// Carries out one operation and returns the one that takes it back; nil for a test.
    ///
    /// A throw leaves the value as it was.
    mutating func perform(_ operation: JSONPatch.Operation) throws(ReplicationError) -> JSONPatch.Operation? {
        let path = operation.path
        if let value = operation.value, !value.isNested(within: CanonicalJSON.Limits().maximumDepth, at: path) {
            throw ReplicationError(.tooLarge, "a value would lie too deep at \(path.pointer)")
        }
        if case .test(_, let expected) = operation {
            guard path.value(in: self) == expected else {
                throw ReplicationError(.doesNotApply, "another value than the tested one is at \(path.pointer)")
            }
            return nil
        }
        guard let last = path.components.last else {
            guard let value = operation.value else {
                throw ReplicationError(.doesNotApply, "the whole document cannot be removed")
            }
            defer { self = value }
            return .replace(path, self)
        }
        return try change(path.components.dropLast(), of: path) { container throws(ReplicationError) in
            if case .object(var object) = container {
                container = .null
                defer { container = .object(object) }
                return try object.perform(operation, on: last, path)
            }
            guard case .array(var elements) = container else { throw .missing(path) }
            container = .null
            defer { container = .array(elements) }
            return try elements.perform(operation, at: last, path)
        }
    }

    /// Changes a value inside this one in place.
    ///
    /// A container is taken out of its enum while it is worked on, so that it is never copied. `switch self` would keep
    /// a second reference, with which everything is copied; `if case` keeps none.
    private mutating func change<Result>(
        _ way: ArraySlice<String>, of path: DocumentPath,
        _ body: (inout JSONValue) throws(ReplicationError) -> Result
    ) throws(ReplicationError) -> Result {
        guard let component = way.first else { return try body(&self) }
        if case .object(var object) = self {
            self = .null
            defer { self = .object(object) }
            let result = try object.change(component) { child throws(ReplicationError) in
                try child.change(way.dropFirst(), of: path, body)
            }
            guard let result else { throw .missing(path) }
            return result
        }
        guard case .array(var elements) = self, let index = DocumentPath.position(component),
            elements.indices.contains(index)
        else { throw .missing(path) }
        self = .null
        defer { self = .array(elements) }
        return try elements[index].change(way.dropFirst(), of: path, body)
    }

    /// Whether the containers on the way to a place and those of this value are at most `maximum`.
    func isNested(within maximum: Int, at path: DocumentPath = DocumentPath(components: [])) -> Bool {
        isNested(within: maximum - path.components.count)
    }

    private func isNested(within maximum: Int) -> Bool {
        switch self {
        case .array(let elements): maximum > 0 && elements.allSatisfy { $0.isNested(within: maximum - 1) }
        case .object(let object): maximum > 0 && object.members.allSatisfy { $0.value.isNested(within: maximum - 1) }
        default: maximum >= 0
        }
    }
}

extension JSONObject {
    fileprivate mutating func perform(
        _ operation: JSONPatch.Operation, on key: String, _ path: DocumentPath
    ) throws(ReplicationError) -> JSONPatch.Operation {
        let old = self[key]
        if case .add = operation {} else if old == nil { throw .missing(path) }
        self[key] = operation.value
        guard let old else { return .remove(path) }
        return operation.value == nil ? .add(path, old) : .replace(path, old)
    }
}

extension [JSONValue] {
    fileprivate mutating func perform(
        _ operation: JSONPatch.Operation, at component: String, _ path: DocumentPath
    ) throws(ReplicationError) -> JSONPatch.Operation {
        if case .add(_, let value) = operation {
            let position = component == "-" ? count : DocumentPath.position(component)
            guard let position, position <= count else { throw .missing(path) }
            insert(value, at: position)
            return .remove(DocumentPath(components: path.components.dropLast() + [String(position)]))
        }
        guard let position = DocumentPath.position(component), indices.contains(position) else { throw .missing(path) }
        guard let value = operation.value else { return .add(path, remove(at: position)) }
        defer { self[position] = value }
        return .replace(path, self[position])
    }
}

extension ReplicationError {
    fileprivate static func missing(_ path: DocumentPath) -> ReplicationError {
        ReplicationError(.doesNotApply, "the document has no place \(path.pointer)")
    }
}
