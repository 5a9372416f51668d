/// Edits that went with an operation on which they were built, and whether somebody was told.
///
/// Pure. Edits are numbered from 1 in the order in which a session took them.
struct DroppedEdits: Sendable {
    private var spans: [ClosedRange<UInt64>] = []
    /// How often edits were dropped.
    private(set) var count = 0
    private var told = 0

    /// Notes that all edits after the first `kept` were dropped, up to and with `last`.
    mutating func note(after kept: UInt64, upTo last: UInt64) {
        guard last > kept else { return }
        count += 1
        spans.append(kept + 1...last)
        // An update looks for its own edit within seconds; nobody asks for those of long ago.
        if spans.count > 256 { spans.removeFirst() }
    }

    func contains(_ edit: UInt64) -> Bool {
        spans.contains { $0.contains(edit) }
    }

    /// Whether edits were dropped that nobody was told of, or while the caller waited, who knew of `seen`.
    mutating func isNews(since seen: Int) -> Bool {
        defer { told = count }
        return count > min(told, seen)
    }
}

extension Session {
    /// How often edits of this session were dropped.
    var droppedCount: Int { state.withLock { $0.dropped.count } }

    /// Nothing that was dropped may pass for saved: told to everybody who waited meanwhile, or to the next one.
    func checkDropped(since seen: Int) throws(ProfileError) {
        if state.withLock({ $0.dropped.isNews(since: seen) }) { throw dropped }
    }

    var dropped: ProfileError {
        ProfileError(
            .dropped, "changes that were built on an operation were dropped: it was settled elsewhere", record: id)
    }
}
