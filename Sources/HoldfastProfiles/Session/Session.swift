import HoldfastCoordination
public import HoldfastStorage
import Synchronization

/// One profile, owned by this server: its document in memory, saved under a fencing token.
///
/// Edits are synchronous and touch memory only. They become durable with the next save: on schedule
/// (``CoordinatorConfiguration/autosave``), at once while the session is doubtful, or by ``save()``.
/// A session ends when its last handle is closed, when another server asks for the record, when the server
/// drains, or when it is superseded; ``waitUntilEnded()`` says which.
public final class Session<Document: Sendable>: Sendable {
    struct State {
        var machine: SessionMachine
        var document: Document {
            didSet { edition &+= 1 }
        }
        /// Counts what was put in the document's place, whoever did it.
        private(set) var edition: UInt64 = 0
        /// What the stored document held and the type never asked for.
        var carried: CarriedFields
        var userIDs: [String]
        var metadata: [UInt8]?
        /// What the store has beside the document.
        var storedBeside: BesideFields
        /// How many opens share this session.
        var handles = 0
        /// Whether any open has come for it yet.
        var wasHandedOut = false
        /// Whether the answer to a missing or taken lease is under way.
        var isMendingLease = false
        /// Whether a close without a caller is under way.
        var isClosingForgotten = false
        /// How often in a row such a close has failed, and before when it is not tried again.
        var failedCloses: (count: Int, notBefore: ContinuousClock.Instant)?
        /// Operations whose outcome is known here and whose receipt is not committed yet.
        var unsettled = UnsettledOperations<Document>()
        /// How many changes there were when a handle was last given up: they were to be saved.
        var owedChanges: UInt64 = 0
        /// Counts the edits that a game's code has made.
        var edits: UInt64 = 0
        /// Edits that went with an operation.
        var dropped = DroppedEdits()
        /// Operations this session has settled or is settling: the store may still list them for a moment.
        var known: Set<OperationID> = []
        /// Pending operations whose attempts or steps this session has committed.
        var moved: [OperationID: MovedOperation] = [:]
        /// When a pending operation that waits becomes ready or expires.
        var operationsDue: ContinuousClock.Instant?
        var nextSave: Ticket<SaveReceipt>?
        var runningSave: Ticket<SaveReceipt>?
        /// What boards show of the document.
        var shown = ShownScores()
        /// Why a lost session could not save its last changes.
        var loss: ProfileError?
        var hooks = HookState(pushedAt: .now)
        /// Operations for other profiles that the next save delivers.
        var outbox: [Delivery] = []
        /// Whether the coordinator's tick looks at this session.
        var isWatched = false
        /// When the next save on schedule is due.
        var pace = AutosavePace()
        var changeLog = ChangeLog<Document>()
        /// The document as the store has it; nil when it was never saved.
        var saved: Document?
        var times: StoredTimes

        init(
            machine: SessionMachine, loaded: DocumentCodec<Document>.Loaded, beside: BesideFields,
            storedBeside: BesideFields, times: StoredTimes
        ) {
            self.machine = machine
            self.times = times
            document = loaded.document
            carried = loaded.carried
            userIDs = beside.userIDs
            metadata = beside.metadata
            self.storedBeside = storedBeside
            saved = machine.version > 0 ? loaded.document : nil
        }
    }

    /// The record's name.
    public let id: RecordID
    /// How the session came to this server, and how long that took.
    public let opening: Opening
    /// Why the profile could not be loaded, where this session is a fallback; nil otherwise.
    public let loadFailure: ProfileError?
    let state: Mutex<State>
    /// Held while an edit works on a copy of the document, and by all else that changes the document; taken before the
    /// state, so that no edit keeps beats, renewals and looks at the session waiting.
    private let editing = Mutex<Void>(())
    let slot = SaveSlot()
    let locks = NamedLocks<String>()
    let ended = Ticket<SessionEnd>()
    let host: SessionHost
    let codec: DocumentCodec<Document>
    let options: CollectionOptions<Document>
    let onEnd: @Sendable (Session<Document>) -> Void

    init(
        id: RecordID, opening: Opening, state: consuming State, loadFailure: ProfileError? = nil, host: SessionHost,
        codec: DocumentCodec<Document>,
        options: CollectionOptions<Document>, onEnd: @escaping @Sendable (Session<Document>) -> Void
    ) {
        self.id = id
        self.opening = opening
        state.pace = host.paces.next()
        self.state = Mutex(state)
        self.loadFailure = loadFailure
        self.host = host
        self.codec = codec
        self.options = options
        self.onEnd = onEnd
    }

    /// The key inside the collection.
    public var key: Key { id.key }
    /// This session's name, fresh for every open.
    public var nonce: RandomID { state.withLock { $0.machine.nonce } }
    /// The fencing token of the last seal.
    public var token: Int64 { state.withLock { $0.machine.token } }
    /// The version of the last durable write; 0 when nothing was ever saved.
    public var version: Int64 { state.withLock { $0.machine.version } }
    /// Where the session stands now.
    public var sessionState: SessionState {
        shownState(state.withLock { $0.machine }, now: .now)
    }

    func shownState(_ machine: SessionMachine, now: ContinuousClock.Instant) -> SessionState {
        let found = machine.state(now: now, beatDeadline: host.membership.beatDeadline)
        return isFallback && [.active, .doubtful].contains(found) ? .fallback : found
    }
    /// A snapshot of the document, with every edit so far.
    public var document: Document { state.withLock { $0.document } }
    /// The document as it was last made durable; nil when it was never saved.
    ///
    /// What is in it survives any crash: a purchase may be confirmed once it is here, for example.
    public var lastSaved: Document? { state.withLock { $0.saved } }
    /// Whether the session is over.
    public var isEnded: Bool { state.withLock { $0.machine.end != nil } }
    /// The people whose data this record holds; stored with the next save.
    public var userIDs: [String] { state.withLock { $0.userIDs } }

    /// Changes the document in memory, all or nothing; not durable until the next save.
    ///
    /// The closure works on a copy that is swapped in when it returns; a throw leaves everything as it was and
    /// is rethrown. It may look at the session, which is as it was before, and must not change it otherwise. Edits of one
    /// session wait for each other.
    ///
    /// - Parameter reason: Kept with the change in ``audit``.
    /// - Throws: ``ProfileError`` with code `busy` while a transaction uses the document or from inside another
    ///   edit, `ended` once the session is over; and whatever the closure throws.
    public func edit<Result>(reason: String? = nil, _ change: (inout Document) throws -> Result) throws -> Result {
        try self.change(because: .init(.edit, reason: reason)) { document, _ in try change(&document) }
    }

    /// The one place where a game's code changes the document.
    func change<Result>(
        because cause: ChangeLog<Document>.Cause, _ change: (inout Document, inout Outbox) throws -> Result
    ) throws -> Result {
        try numberedChange(because: cause, change).result
    }

    /// As ``change(because:_:)``, and says which edit it was.
    func numberedChange<Result>(
        because cause: ChangeLog<Document>.Cause, _ change: (inout Document, inout Outbox) throws -> Result
    ) throws -> (result: Result, number: UInt64) {
        try refuseInsideEdit()
        var result: Result?
        let (saveAtOnce, number): (Bool, UInt64) = try editing.withLock { _ in
            let (before, storedParts) = try state.withLock { state in
                if let refusal = state.machine.refusal(of: "edit", record: id) { throw refusal }
                return (state.document, state.carried.storedParts)
            }
            var copy = before
            var outbox = Outbox()
            result = try EditGuard.run { try change(&copy, &outbox) }
            try accept(&copy, after: before, stored: storedParts)
            try check(copy)
            return try state.withLock { state in
                // It may have been lost meanwhile.
                if let refusal = state.machine.refusal(of: "edit", record: id) { throw refusal }
                guard state.outbox.count + outbox.deliveries.count <= Outbox.maximumCount else {
                    throw ProfileError(.busy, "edit: too many operations wait for the next save", record: id)
                }
                state.document = copy
                state.edits += 1
                state.outbox += outbox.deliveries
                note(cause, before: before, in: &state)
                watch(&state)
                return (Self.noteChange(&state, host: host), state.edits)
            }
        }
        if saveAtOnce { requestSave() }
        guard let result else { preconditionFailure("the closure has returned") }
        return (result, number)
    }

    /// Changes the state while no edit works on a copy of the document.
    func withoutEdits<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        editing.withLock { _ in state.withLock { state in body(&state) } }
    }

    /// Changes the state if no edit works on a copy of the document just now; nil where one does.
    func unlessEdited<Value: Sendable>(_ body: (inout State) -> Value) -> Value? {
        editing.withLockIfAvailable { _ in state.withLock { state in body(&state) } }
    }

    /// What a change must not break.
    func check(_ document: Document) throws(ProfileError) {
        do {
            try codec.validate(document)
        } catch {
            throw ProfileError(.badInput, "the change breaks a rule: \(error)", record: id, underlying: error)
        }
    }

    /// The game's own JSON beside the document; stored with the next save.
    public var metadata: JSONValue? {
        state.withLock { $0.metadata }.flatMap { try? CanonicalJSON.parse($0) }
    }

    /// Replaces the people whose data this record holds; not durable until the next save.
    ///
    /// - Parameter userIDs: At most 1,000 of at most 1,000 bytes each.
    /// - Throws: ``ProfileError``: `badInput`, `ended`; `busy` as ``edit(reason:_:)``.
    public func setUserIDs(_ userIDs: [String]) throws(ProfileError) {
        try BesideFields(userIDs: userIDs).check(record: id)
        try setBeside { $0.userIDs = userIDs }
    }

    /// Replaces the canonical JSON object beside the document; not durable until the next save.
    ///
    /// - Throws: ``ProfileError``: `badInput` for what has no canonical form or over 4 MiB, `ended`; `busy` as
    ///   ``edit(reason:_:)``.
    public func setMetadata(_ metadata: JSONValue?) throws(ProfileError) {
        let bytes: [UInt8]?
        do {
            bytes = try metadata.map { value throws(JSONError) in try CanonicalJSON.write(value) }
        } catch {
            throw ProfileError(.badInput, "metadata: \(error)", record: id)
        }
        try setBeside { $0.metadata = bytes }
    }

    private func refuseInsideEdit() throws(ProfileError) {
        guard !EditGuard.isInsideEdit else { throw ProfileError(.busy, "edit: an edit inside an edit", record: id) }
    }

    private func setBeside(_ change: @Sendable (inout State) -> Void) throws(ProfileError) {
        try refuseInsideEdit()
        let outcome: Result<Bool, ProfileError> = state.withLock { state in
            if let refusal = state.machine.refusal(of: "edit", record: id) { return .failure(refusal) }
            change(&state)
            watch(&state)
            return .success(Self.noteChange(&state, host: host))
        }
        if try outcome.get() { requestSave() }
    }

    /// Counts a change; true when it must be saved at once because the session is doubtful.
    static func noteChange(_ state: inout State, host: SessionHost) -> Bool {
        let now = ContinuousClock.now
        state.machine.changed(now: now)
        return state.machine.state(now: now, beatDeadline: host.membership.beatDeadline) == .doubtful
    }

    /// Waits until the session is over and says why; nil when the waiting task is cancelled first.
    public func waitUntilEnded() async -> SessionEnd? {
        try? await ended.value(until: .now + .seconds(Int64.max / 4_000_000_000))
    }
}
