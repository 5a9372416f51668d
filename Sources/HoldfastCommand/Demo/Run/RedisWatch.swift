import HoldfastCoordination
import HoldfastStorage
import Synchronization

/// Holds one lease of its own and looks whether Redis still knows it: tells whether Redis forgot or was away.
///
/// The verifier is stricter about leases in a run where Redis was there all the time.
final class RedisWatch: Sendable {
    enum Event: Sendable, Equatable {
        case away, back, lostData
    }

    private static let every: Duration = .milliseconds(250)
    private static let lease: Duration = .seconds(60)

    private let backend: any CoordinationBackend
    private let id: RecordID
    private let owner: Owner
    private let state = Mutex((hadFaults: false, events: [Event]()))

    init(backend: any CoordinationBackend, runID: String) throws(StoreError) {
        self.backend = backend
        id = RecordID(collection: try CollectionName("demo-watch"), key: try Key(runID))
        owner = Owner(nonce: .random(), server: "demo-\(runID)", boot: .random())
    }

    /// Whether anything happened to Redis so far.
    var hadFaults: Bool { state.withLock { $0.hadFaults } }

    /// What happened since the last call.
    func takeEvents() -> [Event] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    /// Watches until cancelled, then gives the lease back.
    func run() async {
        var token: Int64 = 0
        var isAway = false
        while !Task.isCancelled {
            do {
                if token > 0, try await backend.inspect(id)?.token != token { note(.lostData) }
                let request = AcquireRequest(
                    id: id, owner: owner, lease: Self.lease, floor: token, asksForHandOver: false)
                if case .acquired(let minted, _, _) = try await backend.acquire(request) { token = minted }
                if isAway { note(.back) }
                isAway = false
            } catch {
                if !isAway, !Task.isCancelled { note(.away) }
                isAway = true
            }
            try? await Task.sleep(for: Self.every)
        }
        let (backend, claim) = (backend, LeaseClaim(id: id, nonce: owner.nonce))
        _ = await Task.detached { try? await backend.release(claim, hot: nil) }.value
    }

    private func note(_ event: Event) {
        state.withLock { state in
            state.hadFaults = true
            state.events.append(event)
        }
    }
}
