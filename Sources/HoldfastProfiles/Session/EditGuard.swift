import Synchronization

/// Detects an edit inside an edit, which would wait for itself.
enum EditGuard {
    /// Goes with the task that edits, and with tasks that it starts meanwhile: those may edit once it has ended.
    final class Mark: Sendable {
        fileprivate let isOver = Atomic(false)
    }

    @TaskLocal static var mark: Mark?

    static var isInsideEdit: Bool { mark.map { !$0.isOver.load(ordering: .acquiring) } ?? false }

    /// Runs the closure of an edit.
    static func run<Result>(_ change: () throws -> Result) rethrows -> Result {
        let mark = Mark()
        defer { mark.isOver.store(true, ordering: .releasing) }
        return try $mark.withValue(mark, operation: change)
    }
}
