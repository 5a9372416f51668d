public import HoldfastStorage

/// What changed a document in memory.
public enum ChangeSource: Sendable, Equatable {
    /// ``Session/edit(reason:_:)``.
    case edit
    /// A call that names a path, such as ``Session/set(_:at:reason:)``.
    case path
    /// Operations that were delivered.
    case operations
    /// A transaction over several profiles, once it was durable.
    case transaction
    /// A hook before the save.
    case hook
    /// Back to the stored document: an operation in it was settled elsewhere, or its changes were given up.
    case revert
}

/// One change of a session's document, as its audit keeps it.
public struct ChangeRecord: Sendable, Equatable {
    /// Counts the session's changes from 1.
    public let number: UInt64
    /// Milliseconds since 1970, UTC, by this server's clock.
    public let atMillis: Int64
    /// What changed the document.
    public let source: ChangeSource
    /// What the caller gave as its reason.
    public let reason: String?
    /// The place that the call named; nil where it may have changed any.
    public let path: DocumentPath?
}

/// One change of a session's document, with the values before and after.
public struct DocumentChange<Document: Sendable>: Sendable {
    /// Its number, source, reason and path.
    public let record: ChangeRecord
    /// The document before.
    public let before: Document
    /// The document after.
    public let after: Document
    let toJSON: @Sendable (Document) throws -> JSONValue

    /// Names the places that differ, in order, at most 1,000; an array of another length is one place.
    ///
    /// Worked out when asked for, by encoding both documents: where ``ChangeRecord/path`` is known, that costs nothing.
    ///
    /// - Throws: What encoding the document throws.
    public func changedPaths() throws -> [DocumentPath] {
        var paths: [DocumentPath] = []
        Self.compare(try toJSON(before), try toJSON(after), at: [], into: &paths)
        return paths
    }

    private static func compare(
        _ before: JSONValue?, _ after: JSONValue?, at place: [String], into paths: inout [DocumentPath]
    ) {
        guard before != after, paths.count < 1_000 else { return }
        switch (before, after) {
        case (.object(let old)?, .object(let new)?):
            for member in old.members {
                compare(member.value, new[member.key], at: place + [member.key], into: &paths)
            }
            for member in new.members where old[member.key] == nil {
                compare(nil, member.value, at: place + [member.key], into: &paths)
            }
        case (.array(let old)?, .array(let new)?) where old.count == new.count:
            for (index, pair) in zip(old, new).enumerated() {
                compare(pair.0, pair.1, at: place + ["\(index)"], into: &paths)
            }
        default:
            paths.append(DocumentPath(components: place))
        }
    }
}
