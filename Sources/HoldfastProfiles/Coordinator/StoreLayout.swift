import HoldfastStorage
import Synchronization

/// What the store's layout can keep; learned at the start, and asked again while it is an older one.
final class StoreLayout: Sendable {
    private let schema = Mutex(0)

    /// Whether operations may be left between two steps.
    var keepsProgress: Bool { schema.withLock { $0 >= LayoutNeed.history.schema } }

    func learn(_ deployment: Deployment) {
        schema.withLock { $0 = deployment.schema }
    }
}
