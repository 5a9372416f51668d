public import HoldfastProfiles

/// Gives a server its one world: the first player to join claims it, and it goes when she leaves.
///
/// Players who come together wait for the first of them; if her world cannot be opened, the next one claims. The claim
/// is the world's lease, so no two servers host one world, and an owner who joins another server takes her world along:
/// the session here ends as handed over, and the next to join claims anew. Make one per process.
public actor WorldHost {
    private enum State {
        case free
        case claiming(WorldID)
        case hosting(WorldID, Session<World>)
        case leaving(WorldID, Session<World>)
    }

    private let worlds: WorldStore
    private var state = State.free
    /// Who waits for the end of a claim or of a leave; woken without an error to look again.
    private var waiters: [UInt64: CheckedContinuation<ProfileError?, Never>] = [:]
    private var lastWaiter: UInt64 = 0

    /// Hosts worlds of this store.
    public init(_ worlds: WorldStore) {
        self.worlds = worlds
    }

    /// The world that is hosted now and its session; nil before the first claim and after the owner has left.
    public var hosted: (world: WorldID, session: Session<World>)? {
        if case .hosting(let world, let session) = state, !session.isEnded { (world, session) } else { nil }
    }

    /// Lets a player in: the first one claims this server for her world, others visit it.
    ///
    /// - Parameters:
    ///   - player: Her id, as ``WorldID/owner``.
    ///   - playerName: Kept in her world as its owner's name.
    ///   - world: Which of her worlds she would host.
    ///   - timeout: Of all that, waiting for others included; by default the coordinator's for an open.
    /// - Throws: ``WorldError`` with code `badInput` for a player or world that has no name; `ProfileError`: `busy`
    ///   when somebody else's claim or leave was still under way at the deadline, `cancelled`; as
    ///   ``WorldStore/open(_:ownerName:timeout:waits:)`` when it was her turn to claim and her world could not be
    ///   opened.
    public func join(
        _ player: String, playerName: String? = nil, world: String = WorldID.mainName, timeout: Duration? = nil
    ) async throws -> WorldVisit {
        let own = try WorldID(owner: player, name: world)
        let deadline = ContinuousClock.now + (timeout ?? worlds.collection.configuration.openTimeout)
        while true {
            switch state {
            case .hosting(let world, let session) where !session.isEnded:
                return WorldVisit(world: world, session: session, isOwner: world.isOwned(by: player))
            case .claiming, .leaving:
                try await waitForChange(until: deadline)
            case .free, .hosting:
                state = .claiming(own)
                do {
                    let session = try await worlds.claim(
                        own, ownerName: playerName, timeout: max(.milliseconds(1), deadline - .now))
                    become(.hosting(own, session))
                    return WorldVisit(world: own, session: session, isOwner: true)
                } catch {
                    become(.free)
                    throw error
                }
            }
        }
    }

    /// Lets a player go; when it is the owner, her world is saved (durable) and released for her next server.
    ///
    /// Whoever stays has no world any more, and `waitUntilEnded()` of the session says so; the next to join claims.
    ///
    /// - Parameter timeout: Of the save and of what is waited for before; by default the coordinator's for a save.
    /// - Returns: Whether the world went with her.
    /// - Throws: `ProfileError`, as a session's `close`: `unavailable` or `outcomeUnknown` when the last save could not
    ///   be made in time. `busy` when her own claim, or another leave, was still under way at the deadline;
    ///   `cancelled`. The world then stays hosted: leave again, or let the shutdown save it.
    @discardableResult
    public func leave(_ player: String, timeout: Duration? = nil) async throws(ProfileError) -> Bool {
        let deadline = ContinuousClock.now + (timeout ?? worlds.collection.configuration.saveTimeout)
        while true {
            switch state {
            case .claiming(let world) where world.isOwned(by: player),
                .leaving(let world, _) where world.isOwned(by: player):
                try await waitForChange(until: deadline)
            case .hosting(let world, let session) where world.isOwned(by: player):
                state = .leaving(world, session)
                do {
                    try await session.close(timeout: max(.milliseconds(1), deadline - .now))
                    become(.free)
                    return true
                } catch {
                    become(session.isEnded ? .free : .hosting(world, session))
                    throw error
                }
            default:
                return false
            }
        }
    }

    private func become(_ next: State) {
        state = next
        for id in waiters.keys { wake(id, nil) }
    }

    /// Waits until the state is another one.
    private func waitForChange(until deadline: ContinuousClock.Instant) async throws(ProfileError) {
        lastWaiter += 1
        let id = lastWaiter
        let timer = Task {
            guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
            wake(id, ProfileError(.busy, "another player's claim or leave was still under way at the deadline"))
        }
        defer { timer.cancel() }
        let error = await withTaskCancellationHandler {
            await withCheckedContinuation { waiters[id] = $0 }
        } onCancel: {
            // Comes to the actor after the registration, which is reached without leaving it.
            Task { await wake(id, ProfileError(.cancelled, "the player's call was cancelled")) }
        }
        if let error { throw error }
    }

    private func wake(_ id: UInt64, _ error: ProfileError?) {
        waiters.removeValue(forKey: id)?.resume(returning: error)
    }
}
