import HoldfastCoordination
import Synchronization

/// The shared side of a ``TestFleet``, in the place of Redis; what it does here it does to every server.
///
/// For one server alone use ``TestServer/link``.
public final class TestCoordination: Sendable {
    private struct State {
        var links: [InMemoryCoordinationBackend] = []
        var isDown = false
        var latency: Duration = .zero
        var losesMessages = false
    }
    private let root: InMemoryCoordinationBackend
    private let state = Mutex(State())

    init(now: @escaping @Sendable () -> Int64) {
        root = InMemoryCoordinationBackend(now: now)
    }

    /// A connection for one more server.
    func link() -> InMemoryCoordinationBackend {
        let link = InMemoryCoordinationBackend(sharing: root)
        state.withLock { state in
            if state.isDown { link.goOffline() }
            link.delay(by: state.latency)
            link.loseMessages(state.losesMessages)
            state.links.append(link)
        }
        return link
    }

    /// Refuses every call of every server as unavailable; what is there stays.
    public func goDown() {
        state.withLock { state in
            state.isDown = true
            for link in state.links { link.goOffline() }
        }
    }

    /// Ends ``goDown()``, and what was done to single links.
    public func comeBack() {
        state.withLock { state in
            state.isDown = false
            for link in state.links { link.goOnline() }
        }
    }

    /// Makes every call take that much longer; zero ends it.
    public func setLatency(_ latency: Duration) {
        state.withLock { state in
            state.latency = latency
            for link in state.links { link.delay(by: latency) }
        }
    }

    /// Loses every message between servers from now on, which only makes things slower; false ends it.
    public func loseMessages(_ isLosing: Bool = true) {
        state.withLock { state in
            state.losesMessages = isLosing
            for link in state.links { link.loseMessages(isLosing) }
        }
    }

    /// Forgets every lease, beat and message, as FLUSHALL does.
    public func loseEverything() {
        root.flush()
    }
}
