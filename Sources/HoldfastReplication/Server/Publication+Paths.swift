import HoldfastStorage

extension Publication {
    /// What a change of the whole document does to its public part; nil where that stays as it is.
    ///
    /// The containers on the way to a public place are public, too. So a place whose way is not in ``document`` leads
    /// through something that is hidden.
    ///
    /// - Throws: ``ReplicationError`` with code `doesNotApply` where the change does not fit what was published before.
    func publicForm(of change: JSONPatch.Operation) throws(ReplicationError) -> JSONPatch.Operation? {
        if case .test = change { return nil }
        let path = change.path
        guard let last = path.components.last else { return try wholeForm(of: change) }
        var node = paths.root
        var place = document
        for component in path.components.dropLast() {
            guard let (next, value) = try Self.step(component, from: place, node, path) else { return nil }
            (node, place) = (next, value)
        }
        switch place {
        case .object(let object):
            guard let node = node.member(last) else { return nil }
            return Self.form(path, shown: change.value.flatMap(node.filter), old: object[last])
        case .array(let elements):
            guard let node = node.element else { return nil }
            return try Self.form(of: change, at: last, in: elements, node)
        default:
            guard node.isWhole else { return nil }
            throw unfit(path)
        }
    }

    private func wholeForm(of change: JSONPatch.Operation) throws(ReplicationError) -> JSONPatch.Operation? {
        guard let value = change.value else { throw unfit(change.path) }
        let shown = paths.filter(value)
        return shown == document ? nil : .replace(change.path, shown)
    }

    /// One step down; nil where the way is hidden.
    private static func step(
        _ component: String, from place: JSONValue, _ node: PublicPaths.Node, _ path: DocumentPath
    ) throws(ReplicationError) -> (PublicPaths.Node, JSONValue)? {
        switch place {
        case .object(let object):
            guard let next = node.member(component) else { return nil }
            if let value = object[component] { return (next, value) }
            if next.isWhole { throw unfit(path) }
            return nil
        case .array(let elements):
            guard let next = node.element else { return nil }
            guard let index = DocumentPath.position(component), elements.indices.contains(index) else {
                throw unfit(path)
            }
            return (next, elements[index])
        default:
            if node.isWhole { throw unfit(path) }
            return nil
        }
    }

    /// In an object only what is there before and after counts, not how the change was named.
    private static func form(_ path: DocumentPath, shown: JSONValue?, old: JSONValue?) -> JSONPatch.Operation? {
        switch (shown, old) {
        case (let shown?, let old?): shown == old ? nil : .replace(path, shown)
        case (let shown?, nil): .add(path, shown)
        case (nil, _?): .remove(path)
        case (nil, nil): nil
        }
    }

    /// An array keeps a place for each element, `null` where nothing of it is public.
    private static func form(
        of change: JSONPatch.Operation, at component: String, in elements: [JSONValue], _ node: PublicPaths.Node
    ) throws(ReplicationError) -> JSONPatch.Operation? {
        let path = change.path
        let position = component == "-" ? elements.count : DocumentPath.position(component)
        guard let position else { throw unfit(path) }
        switch change {
        case .add(_, let value):
            guard position <= elements.count else { throw unfit(path) }
            return .add(path, node.filter(value) ?? .null)
        case .replace(_, let value):
            guard position < elements.count else { throw unfit(path) }
            let shown = node.filter(value) ?? .null
            return shown == elements[position] ? nil : .replace(path, shown)
        default:
            guard position < elements.count else { throw unfit(path) }
            return .remove(path)
        }
    }

    private static func unfit(_ path: DocumentPath) -> ReplicationError {
        ReplicationError(.doesNotApply, "the published document has no place for a change at \(path.pointer)")
    }

    private func unfit(_ path: DocumentPath) -> ReplicationError { Self.unfit(path) }
}
