package import HoldfastStorage

/// A backend whose calls are told to a watch.
package struct WatchedBackend: CoordinationBackend {
    private let backend: any CoordinationBackend
    private let watch: any CallWatch

    package init(_ backend: any CoordinationBackend, watch: any CallWatch) {
        self.backend = backend
        self.watch = watch
    }

    private func told<Result>(
        _ name: String, _ record: RecordID? = nil, count: Int = 1, outcome: (Result) -> String = Outcome.ok,
        _ body: () async throws(CoordinationError) -> Result
    ) async throws(CoordinationError) -> Result {
        let began = ContinuousClock.now
        do {
            let result = try await watch.inSpan(
                "redis \(name)", .call(.redis, name, record: record, count: count), body)
            if watch.isTracing {
                watch.finished(
                    FinishedCall(
                        .redis, name, record: record, count: count, took: began.duration(to: .now),
                        outcome: outcome(result)))
            }
            return result
        } catch {
            watch.finished(
                FinishedCall(
                    .redis, name, record: record, count: count, took: began.duration(to: .now),
                    failure: FinishedCall.Failure(
                        code: error.code.description,
                        isOutage: error.isRetriable || [.internalError, .denied].contains(error.code))))
            throw error
        }
    }

    package func run() async throws { try await backend.run() }

    package func acquire(_ request: AcquireRequest) async throws(CoordinationError) -> AcquireReply {
        try await told(
            "acquire", request.id, outcome: Outcome.acquire
        ) { () async throws(CoordinationError) in try await backend.acquire(request) }
    }

    package func renew(
        _ claims: [LeaseClaim], lease: Duration
    ) async throws(CoordinationError) -> [RenewalNotice] {
        try await told("renew", count: claims.count) { () async throws(CoordinationError) in
            try await backend.renew(claims, lease: lease)
        }
    }

    package func release(_ claim: LeaseClaim, hot: HotCopy?) async throws(CoordinationError) -> ReleaseReply {
        try await told("release", claim.id) { () async throws(CoordinationError) in
            try await backend.release(claim, hot: hot)
        }
    }

    package func putHotCopy(_ hot: HotCopy, for claim: LeaseClaim) async throws(CoordinationError) {
        try await told("putHotCopy", claim.id) { () async throws(CoordinationError) in
            try await backend.putHotCopy(hot, for: claim)
        }
    }

    package func hotCopy(
        of id: RecordID, since oldest: ContinuousClock.Instant
    ) async throws(CoordinationError) -> HotCopy? {
        try await told("hotCopy", id, outcome: Outcome.copy) { () async throws(CoordinationError) in
            try await backend.hotCopy(of: id, since: oldest)
        }
    }

    package func unlock(_ id: RecordID, token: Int64) async throws(CoordinationError) -> Bool {
        try await told("unlock", id) { () async throws(CoordinationError) in
            try await backend.unlock(id, token: token)
        }
    }

    package func inspect(_ id: RecordID) async throws(CoordinationError) -> LeaseDescription? {
        try await told("inspect", id, outcome: Outcome.lease) {
            () async throws(CoordinationError) in try await backend.inspect(id)
        }
    }

    package func beat(_ beat: ServerBeat, timeToLive: Duration) async throws(CoordinationError) -> BeatReply {
        try await told("beat") { () async throws(CoordinationError) in
            try await backend.beat(beat, timeToLive: timeToLive)
        }
    }

    package func withdraw(server: String, boot: RandomID) async throws(CoordinationError) {
        try await told("withdraw") { () async throws(CoordinationError) in
            try await backend.withdraw(server: server, boot: boot)
        }
    }

    package func servers() async throws(CoordinationError) -> [ServerBeat] {
        try await told("servers") { () async throws(CoordinationError) in try await backend.servers() }
    }

    package func server(_ id: String) async throws(CoordinationError) -> ServerBeat? {
        try await told("server", outcome: Outcome.beat) {
            () async throws(CoordinationError) in try await backend.server(id)
        }
    }

    package func requestDrain(server: String) async throws(CoordinationError) -> Bool {
        try await told("requestDrain") { () async throws(CoordinationError) in
            try await backend.requestDrain(server: server)
        }
    }

    package func send(_ message: InboxMessage, to server: String) async throws(CoordinationError) {
        try await told("send", message.record) { () async throws(CoordinationError) in
            try await backend.send(message, to: server)
        }
    }

    package func receive(server: String, wait: Duration) async throws(CoordinationError) -> [InboxMessage] {
        try await told("receive", outcome: Outcome.messages) {
            () async throws(CoordinationError) in try await backend.receive(server: server, wait: wait)
        }
    }

    package func deploymentID() async throws(CoordinationError) -> RandomID? {
        try await told("deploymentID") { () async throws(CoordinationError) in try await backend.deploymentID() }
    }

    package func installDeploymentID(_ id: RandomID) async throws(CoordinationError) -> RandomID {
        try await told("installDeploymentID") { () async throws(CoordinationError) in
            try await backend.installDeploymentID(id)
        }
    }

    package func status() async throws(CoordinationError) -> BackendStatus {
        try await told("status") { () async throws(CoordinationError) in try await backend.status() }
    }
}

extension InboxMessage {
    /// The record that a message is about.
    fileprivate var record: RecordID {
        switch self {
        case .handOver(let id, _, _), .released(let id), .operations(let id), .order(_, let id, _, _),
            .answer(let id, _, _):
            id
        }
    }
}

/// What came of a call, in a word.
private enum Outcome {
    static func ok<Result>(_ result: Result) -> String { "ok" }
    static func acquire(_ reply: AcquireReply) -> String { if case .acquired = reply { "acquired" } else { "held" } }
    static func copy(_ copy: HotCopy?) -> String { copy == nil ? "none" : "found" }
    static func lease(_ lease: LeaseDescription?) -> String { lease == nil ? "free" : "held" }
    static func beat(_ beat: ServerBeat?) -> String { beat == nil ? "absent" : "beats" }
    static func messages(_ messages: [InboxMessage]) -> String { messages.isEmpty ? "empty" : "messages" }
}

extension CoordinationError: CodedFailure {
    package var word: String { code.description }
}
