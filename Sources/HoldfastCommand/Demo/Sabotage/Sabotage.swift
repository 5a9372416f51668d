#if DEBUG
    import HoldfastCoordination
    import HoldfastStorage

    /// The ways in which a build can be broken on purpose.
    enum Sabotage: String, CaseIterable, Sendable {
        /// A save overwrites the row whatever fence, owner and version it has.
        case noFenceCompare
        /// A release, and its late repetition, delete whatever lease is there.
        case releaseWithoutNonce
        /// An operation's receipt is written in a transaction of its own, a moment after its effect.
        case receiptApart
        /// A save is acknowledged before it is committed.
        case earlyAcknowledgement
        /// After a FLUSHALL tokens start again, and the store takes them.
        case tokenRestart
        /// Scores of some members never get from the store to Redis.
        case lostProjection
        /// A repeated batch of scores counts twice.
        case doubledScore
        /// Some acknowledged scores are not in the store.
        case lostScore
        /// Some profiles are saved without the score that they show.
        case scoreApart
        /// Some announcements never get from the store to those who listen.
        case lostAnnouncement
        /// Chunks of a world are written a commit after its fields.
        case partsApart
        /// Who cancels an operation is told that it is done, and the store is not.
        case emptyCancel
        /// The far side of a trade is applied without the trade's decision.
        case decisionApart
    }

    /// Refused saves are written all the same.
    struct UnfencedStore: StoreRelay {
        let store: any DurableStore

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            var replies = try await store.execute(group)
            for (index, request) in group.enumerated() {
                guard case .commit(let commit) = request,
                    case .commit(.refused(let rows, let settled)) = replies[index], settled.isEmpty
                else { continue }
                if try await force(commit, over: rows) { replies[index] = .commit(.committed) }
            }
            return replies
        }

        /// Writes under the names that the rows bear.
        private func force(_ commit: CommitRequest, over rows: [RowState?]) async throws(StoreError) -> Bool {
            var forced = commit
            for (index, row) in rows.enumerated() {
                guard let row else { return false }
                if row.saveID == commit.writes[index].saveID { return true }
                forced.writes[index].version = row.version
                forced.writes[index].fence = row.fence
                if let owner = row.owner {
                    forced.writes[index].nonce = owner.nonce
                } else {
                    let write = commit.writes[index]
                    let owner = Owner(nonce: write.nonce, server: "unfenced", boot: .random())
                    forced.writes[index].fence = row.fence + 1
                    _ = try await store.execute([
                        .seal(SealRequest(id: write.id, token: row.fence + 1, owner: owner))
                    ])
                }
            }
            return try await store.execute([.commit(forced)]) == [.commit(.committed)]
        }
    }

    /// A stale seal passes for a good one: what a store does that lets a fence go down.
    struct TokenRestartStore: StoreRelay {
        let store: any DurableStore

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            var replies = try await store.execute(group)
            for (index, request) in group.enumerated() {
                guard case .seal(let seal) = request, case .seal(.stale) = replies[index],
                    let record = try await store.read(seal.id)
                else { continue }
                let pending = try await store.pendingOperations(of: [seal.id])
                replies[index] = .seal(
                    .sealed(
                        SealedRecord(
                            version: record.version, saveID: record.saveID,
                            document: record.content.map { .stored($0) } ?? .none,
                            createdAtMillis: record.createdAtMillis, updatedAtMillis: record.updatedAtMillis,
                            pending: pending, generation: try await store.deployment().generation)))
            }
            return replies
        }
    }

    /// Effects first, receipts half a second later.
    struct ReceiptApartStore: StoreRelay {
        let store: any DurableStore

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            var stripped = group
            var receipts: [CommitRequest] = []
            for (index, request) in group.enumerated() {
                guard case .commit(var commit) = request, !commit.settlements.isEmpty else { continue }
                receipts.append(commit)
                commit.settlements = []
                stripped[index] = .commit(commit)
            }
            let replies = try await store.execute(stripped)
            if !receipts.isEmpty {
                Task { [receipts] in
                    try await Task.sleep(for: .milliseconds(500))
                    for receipt in receipts { try await settle(receipt) }
                }
            }
            return replies
        }

        private func settle(_ commit: CommitRequest) async throws {
            guard let id = commit.writes.first?.id, let row = try await store.read(id)?.state, let owner = row.owner
            else { return }
            let check = RecordWrite(
                id: id, fence: row.fence, nonce: owner.nonce, version: row.version, saveID: .random(), change: .none)
            let settlements = commit.settlements.filter { $0.record == id }
            _ = try await store.execute([.commit(CommitRequest(writes: [check], settlements: settlements))])
        }
    }

    /// Answers a save at once and commits it later, unless something else wants its record first.
    final class EarlyAcknowledgementStore: StoreRelay {
        private actor Backlog {
            private var waiting: [StoreRequest] = []
            private var isFlushing = false

            func add(_ request: StoreRequest) -> Bool {
                waiting.append(request)
                return waiting.count == 1
            }

            func touches(_ records: [RecordID]) -> Bool {
                isFlushing || waiting.contains { !Set($0.records).isDisjoint(with: records) }
            }

            /// Commits everything in order, one by one.
            func flush(to store: any DurableStore) async {
                while isFlushing { await Task.yield() }
                isFlushing = true
                defer { isFlushing = false }
                while !waiting.isEmpty {
                    let request = waiting.removeFirst()
                    while (try? await store.execute([request])) == nil {}
                }
            }
        }

        let store: any DurableStore
        private let backlog = Backlog()

        init(store: any DurableStore) {
            self.store = store
        }

        func execute(_ group: [StoreRequest]) async throws(StoreError) -> [StoreReply] {
            var replies: [StoreReply] = []
            for request in group {
                if case .commit(let commit) = request, commit.writes.count == 1, !commit.writes[0].releases {
                    if await backlog.add(request) {
                        Task { [store, backlog] in
                            try await Task.sleep(for: .milliseconds(500))
                            await backlog.flush(to: store)
                        }
                    }
                    replies.append(.commit(.committed))
                } else {
                    if await backlog.touches(request.records) { await backlog.flush(to: store) }
                    replies += try await store.execute([request])
                }
            }
            return replies
        }
    }

    /// A release deletes the lease of whoever has it, and its repetitions come late.
    struct CarelessReleaseBackend: BackendDecorator {
        let base: any CoordinationBackend

        func release(_ claim: LeaseClaim, hot: HotCopy?) async throws(CoordinationError) -> ReleaseReply {
            let reply = try await base.release(claim, hot: hot)
            Task {
                for _ in 0..<30 {
                    try await Task.sleep(for: .milliseconds(100))
                    guard let holder = try await base.inspect(claim.id) else { continue }
                    _ = try await base.release(LeaseClaim(id: claim.id, nonce: holder.owner.nonce), hot: nil)
                }
            }
            return reply
        }
    }
#endif
