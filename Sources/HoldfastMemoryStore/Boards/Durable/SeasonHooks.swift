import HoldfastStorage
import Synchronization

/// What this process wants to do at the end of seasons.
final class SeasonHooks: Sendable {
    typealias Hook = @Sendable (Board, Season) async throws -> Void

    private let hooks = Mutex<[BoardSpace: (record: BoardRecord, hooks: [Hook])]>([:])

    func add(_ hook: @escaping Hook, to record: BoardRecord) {
        hooks.withLock { $0[record.space, default: (record, [])].hooks.append(hook) }
    }

    /// Boards with a hook.
    var boards: [(record: BoardRecord, hooks: [Hook])] { hooks.withLock { Array($0.values) } }

    /// Forgets a board that was deleted.
    func remove(_ space: BoardSpace) { hooks.withLock { $0[space] = nil } }
}
