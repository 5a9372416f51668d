import HoldfastCoordination
public import HoldfastStorage

extension ProfileCollection {
    /// What an open finds.
    private enum OpenStep {
        case start(Ticket<Session<Document>>, RandomID)
        case join(Ticket<Session<Document>>)
        case share(Session<Document>)
        case afterEnd(Session<Document>)
    }

    /// Takes a profile for this server: lease in Redis, seal at the store, document in memory.
    ///
    /// A live holder is asked to hand over; a dead server's lease is taken over once its beat is gone. Opens of one key
    /// share one session, which ends with the last `close()`. An open during a release waits for it.
    ///
    /// - Parameter timeout: Default ``CoordinatorConfiguration/openTimeout``.
    /// - Parameter waits: False fails at once with `held` instead of asking a live holder to hand over.
    /// - Throws: ``ProfileError``: `held`, `unavailable`, `corrupt`, `newerSchema`, `notReady`, `shuttingDown`,
    ///   `cancelled`; `notFound` and `badInput` for a board that the collection projects to. A failed open has changed
    ///   no document byte and gives the lease back.
    public func open(_ key: Key, timeout: Duration? = nil, waits: Bool = true) async throws(ProfileError)
        -> Session<Document>
    {
        let deadline = ContinuousClock.now + (timeout ?? host.configuration.openTimeout)
        let id = RecordID(collection: name, key: key)
        try await readiness.wait(until: deadline)
        while true {
            let step: OpenStep = entries.withLock { entries in
                switch entries[key] {
                case .loading(let loading): return .join(loading.ticket)
                case .joining(let ticket, _): return .join(ticket)
                case .open(let session): return session.addHandle() ? .share(session) : .afterEnd(session)
                case nil:
                    let ticket = Ticket<Session<Document>>()
                    let nonce = RandomID.random()
                    entries[key] = .loading(Loading(ticket: ticket, nonce: nonce))
                    return .start(ticket, nonce)
                }
            }
            switch step {
            case .share(let session):
                return session
            case .afterEnd(let session):
                do throws(ProfileError) {
                    try await session.waitForEnd(until: min(deadline, .now + .milliseconds(250)))
                } catch {
                    // A close that failed leaves the session open: look again.
                    guard error.code == .deadline, ContinuousClock.now < deadline else { throw error }
                }
            case .join(let ticket):
                do throws(ProfileError) {
                    let session = try await value(of: ticket, id, until: deadline)
                    if session.addHandle() { return session }
                } catch {
                    guard [ProfileError.Code.held, .deadline, .cancelled].contains(error.code), !Task.isCancelled,
                        ContinuousClock.now < deadline
                    else { throw error }
                }
            case .start(let ticket, let nonce):
                try readiness.refuseWhileDraining(record: id) { refusal in
                    entries.withLock { $0[key] = nil }
                    ticket.resolve(.failure(refusal))
                }
                let began = ContinuousClock.now
                let submitted = host.jobs.submit {
                    await self.load(id, nonce: nonce, ticket: ticket, began: began, deadline: deadline, waits: waits)
                }
                if !submitted {
                    entries.withLock { $0[key] = nil }
                    let error = ProfileError(.notReady, "the coordinator has stopped", record: id)
                    ticket.resolve(.failure(error))
                    throw error
                }
                let session = try await value(of: ticket, id, until: deadline + .milliseconds(500))
                if session.addHandle() { return session }
            }
        }
    }

    private func value(
        of ticket: Ticket<Session<Document>>, _ id: RecordID, until deadline: ContinuousClock.Instant
    ) async throws(ProfileError) -> Session<Document> {
        try await host.waits.value(of: ticket, until: deadline) {
            ProfileError(.deadline, "the open did not end in time", record: id)
        }
    }

    /// Loads a profile for those who hold the ticket; what failed is theirs, too.
    private func load(
        _ id: RecordID, nonce: RandomID, ticket: Ticket<Session<Document>>, began: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant, waits: Bool
    ) async {
        do throws(ProfileError) {
            let session = try await host.diagnostics.inStep(
                .session("open", of: id), since: began, outcome: \.opening.word
            ) { () async throws(ProfileError) in
                try await loaded(id, nonce: nonce, ticket: ticket, began: began, deadline: deadline, waits: waits)
            }
            await admit(session, ticket: ticket, until: deadline)
        } catch {
            if let session = fallback(for: error, id: id, began: began) {
                await admit(session, ticket: ticket, until: deadline)
            } else {
                entries.withLock { $0[id.key] = nil }
                arrived(id.key, .failure(error))
                ticket.resolve(.failure(error))
            }
        }
    }

    /// Takes the record and makes its session; a failure leaves no lease behind.
    private func loaded(
        _ id: RecordID, nonce: RandomID, ticket: Ticket<Session<Document>>, began: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant, waits: Bool
    ) async throws(ProfileError) -> Session<Document> {
        let isAbandoned: @Sendable () -> Bool = { [readiness] in ticket.isAbandoned || readiness.isDraining }
        try await prepare(for: id, until: deadline, isAbandoned: isAbandoned)
        let claimed: Claimed
        do throws(ClaimError) {
            claimed = try await host.claimer.claim(
                id, nonce: nonce, deadline: deadline, waits: waits,
                isAbandoned: isAbandoned,
                knowsNonce: { [self] in knows($0, of: id.key) },
                onRetry: { [self] in retrying(id, after: ProfileError($0, record: id, waited: waits)) }
            )
        } catch {
            throw readiness.isDraining
                ? ProfileError(.shuttingDown, "this server is draining", record: id)
                : ProfileError(error, record: id, waited: waits)
        }
        let content: Content?
        let loaded: DocumentCodec<Document>.Loaded
        let beside: BesideFields
        do throws(ProfileError) {
            let decoded = try await decode(claimed, id)
            content = decoded.0
            beside = self.beside(content, id.key)
            try beside.check(record: id)
            loaded = try await codec.withParts(
                decoded.1, record: id, version: claimed.record.version, from: host.store)
        } catch {
            await host.claimer.giveBack(LeaseClaim(id: id, nonce: nonce))
            throw error
        }
        let machine = SessionMachine(
            nonce: nonce, generation: claimed.record.generation, token: claimed.token, version: claimed.record.version,
            saveID: claimed.record.saveID,
            checksum: content?.payload.checksum,
            leaseDeadline: claimed.leasedAt + host.configuration.lease - host.configuration.leaseMargin
        )
        let session = Session(
            id: id, opening: Opening(origin: claimed.origin, took: .now - began),
            state: Session<Document>.State(
                machine: machine, loaded: loaded,
                beside: beside,
                storedBeside: BesideFields(userIDs: content?.userIDs ?? [], metadata: content?.metadata),
                times: StoredTimes(claimed.record, began: claimed.leasedAt)
            ),
            host: host, codec: codec, options: options
        ) { [weak self] session in self?.forget(session) }
        if !options.hooks.joining.isEmpty { session.state.withLock { $0.hooks.hasJoined = false } }
        host.metrics.opened(session.opening)
        session.logLoad(content)
        host.observer?.opened(session.describe(now: .now), opening: session.opening, document: loaded.document)
        session.receive(claimed.record.pending)
        return session
    }

    /// Shows why a load is not done yet.
    func retrying(_ id: RecordID, after error: ProfileError) {
        entries.withLock { entries in
            guard case .loading(var loading) = entries[id.key] else { return }
            loading.failures += 1
            loading.lastError = error
            entries[id.key] = .loading(loading)
        }
    }

    /// Hands a new session to those who wait for it, once its joining hooks have run.
    private func admit(
        _ session: Session<Document>, ticket: Ticket<Session<Document>>, until deadline: ContinuousClock.Instant
    ) async {
        if !options.hooks.joining.isEmpty, place(.joining(ticket, session), session, ticket) {
            await session.runJoiningHooks(until: deadline)
        }
        if place(.open(session), session, ticket) { arrived(session.key, .success(session)) }
        if ticket.resolve(.success(session)) == 0 {
            // Everybody left while the last step was under way.
            session.abandon()
            try? await session.finish(.closed, until: .now + host.configuration.saveTimeout)
        }
    }

    /// Puts a new session into its key's entry; false when it has ended already.
    private func place(_ entry: Entry, _ session: Session<Document>, _ ticket: Ticket<Session<Document>>) -> Bool {
        entries.withLock { entries in
            switch entries[session.key] {
            case .loading(let loading) where loading.ticket === ticket: break
            case .joining(let joining, _) where joining === ticket: break
            default: return false  // It was forgotten; another load may have begun.
            }
            let isEnded = session.isEnded
            entries[session.key] = isEnded ? nil : entry
            return !isEnded
        }
    }

    /// Decodes what was claimed.
    ///
    /// A hot copy that cannot be decoded is damaged, or the store's own bytes are: only those tell which.
    private func decode(
        _ claimed: Claimed, _ id: RecordID
    ) async throws(ProfileError) -> (Content?, DocumentCodec<Document>.Loaded) {
        do {
            return (claimed.content, try await decoded(claimed.content, id, isHotCopy: claimed.isHotCopy))
        } catch {
            guard claimed.isHotCopy, error.code == .corrupt else { throw error }
            host.logger.warning(
                "a hot copy is damaged", metadata: ["holdfast.record": "\(id)", "holdfast.error": "\(error)"]
            )
        }
        let record: Record?
        do {
            record = try await host.store.read(id)
        } catch {
            throw ProfileError(error, record: id)
        }
        guard let record, record.fence == claimed.token, record.version == claimed.record.version else {
            throw ProfileError(.held, "another session took the record during the open", record: id)
        }
        return (record.content, try await decoded(record.content, id))
    }

    func forget(_ session: Session<Document>) {
        entries.withLock { entries in
            if entries[session.key]?.session === session { entries[session.key] = nil }
        }
    }
}
