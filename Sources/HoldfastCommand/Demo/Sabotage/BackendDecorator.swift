#if DEBUG
    import HoldfastCoordination
    import HoldfastStorage

    /// A backend that passes everything on to another, but for what it replaces.
    protocol BackendDecorator: CoordinationBackend {
        var base: any CoordinationBackend { get }
    }

    extension BackendDecorator {
        func run() async throws { try await base.run() }

        func acquire(_ request: AcquireRequest) async throws(CoordinationError) -> AcquireReply {
            try await base.acquire(request)
        }

        func renew(_ claims: [LeaseClaim], lease: Duration) async throws(CoordinationError) -> [RenewalNotice] {
            try await base.renew(claims, lease: lease)
        }

        func putHotCopy(_ hot: HotCopy, for claim: LeaseClaim) async throws(CoordinationError) {
            try await base.putHotCopy(hot, for: claim)
        }

        func hotCopy(
            of id: RecordID, since oldest: ContinuousClock.Instant
        ) async throws(CoordinationError) -> HotCopy? {
            try await base.hotCopy(of: id, since: oldest)
        }

        func unlock(_ id: RecordID, token: Int64) async throws(CoordinationError) -> Bool {
            try await base.unlock(id, token: token)
        }

        func inspect(_ id: RecordID) async throws(CoordinationError) -> LeaseDescription? { try await base.inspect(id) }

        func beat(_ beat: ServerBeat, timeToLive: Duration) async throws(CoordinationError) -> BeatReply {
            try await base.beat(beat, timeToLive: timeToLive)
        }

        func withdraw(server: String, boot: RandomID) async throws(CoordinationError) {
            try await base.withdraw(server: server, boot: boot)
        }

        func servers() async throws(CoordinationError) -> [ServerBeat] { try await base.servers() }
        func server(_ id: String) async throws(CoordinationError) -> ServerBeat? { try await base.server(id) }

        func requestDrain(server: String) async throws(CoordinationError) -> Bool {
            try await base.requestDrain(server: server)
        }

        func send(_ message: InboxMessage, to server: String) async throws(CoordinationError) {
            try await base.send(message, to: server)
        }

        func receive(server: String, wait: Duration) async throws(CoordinationError) -> [InboxMessage] {
            try await base.receive(server: server, wait: wait)
        }

        func deploymentID() async throws(CoordinationError) -> RandomID? { try await base.deploymentID() }

        func installDeploymentID(_ id: RandomID) async throws(CoordinationError) -> RandomID {
            try await base.installDeploymentID(id)
        }

        func status() async throws(CoordinationError) -> BackendStatus { try await base.status() }
    }
#endif
