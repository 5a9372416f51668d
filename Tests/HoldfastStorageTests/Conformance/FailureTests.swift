import HoldfastStorage
import Synchronization
import Testing

@Suite("Every store: failures and races")
struct FailureTests {
    @Test(
        "a failure before the write changes nothing; one after it is settled by the save id",
        arguments: StoreKind.allCases)
    func settlesAmbiguity(kind: StoreKind) async throws {
        try await withStore(kind) { inner in
            let fault = Mutex<FailingStore.Fault>(.none)
            let store = FailingStore(inner) { call in call.isGroup ? fault.withLock { $0 } : .none }
            let session = try StoreActor()
            _ = try await session.seal(store)

            fault.withLock { $0 = .before() }
            let saveID = RandomID.random()
            let before = await #expect(throws: StoreError.self) { try await session.save(store, "x", saveID: saveID) }
            #expect(before?.code == .unavailable)
            #expect(try await store.read(session.id)?.version == 0)

            fault.withLock { $0 = .after() }
            let after = await #expect(throws: StoreError.self) { try await session.save(store, "x", saveID: saveID) }
            #expect(after?.code == .outcomeUnknown)
            fault.withLock { $0 = .none }
            let row = try #require(await session.save(store, "x", saveID: saveID).refusedRows?.first ?? nil)
            #expect(row.saveID == saveID && row.version == 1)
        }
    }

    @Test("a lost answer to a delivery or a seal is repeated without effect", arguments: StoreKind.allCases)
    func repeatsWithoutEffect(kind: StoreKind) async throws {
        try await withStore(kind) { inner in
            let loses = Mutex(true)
            let store = FailingStore(inner) { call in
                guard call.isGroup else { return .none }
                return loses.withLock { loses in
                    defer { loses.toggle() }
                    return loses ? .after() : .none
                }
            }
            let session = try StoreActor()
            await #expect(throws: StoreError.self) { try await session.seal(store) }
            #expect(try await session.seal(store).sealed != nil)
            await #expect(throws: StoreError.self) { try await store.deliver(delivery("a", to: session.id)) }
            #expect(try await store.deliver(delivery("a", to: session.id)) == .duplicate(.pending))
            #expect(try await store.pendingOperations(of: [session.id]).count == 1)
        }
    }

    @Test("of two handles racing for one token exactly one seals", arguments: StoreKind.allCases)
    func sealsOncePerToken(kind: StoreKind) async throws {
        try await withStores(kind, 2) { stores in
            let base = try StoreActor()
            for token in 1...60 as ClosedRange<Int64> {
                let sealed = try await withThrowingTaskGroup(returning: Int.self) { tasks in
                    for store in stores {
                        let session = base.rival(token: token)
                        tasks.addTask { try await session.seal(store).sealed != nil }
                    }
                    return try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(sealed == 1)
            }
            #expect(try await stores[0].read(base.id)?.fence == 60)
        }
    }

    @Test("two handles that take a record from each other lose no acknowledged save", arguments: StoreKind.allCases)
    func losesNoVersion(kind: StoreKind) async throws {
        try await withStores(kind, 2) { stores in
            let base = try StoreActor()
            let saves = try await withThrowingTaskGroup(returning: [(version: Int64, saveID: RandomID)].self) { tasks in
                for (index, store) in stores.enumerated() {
                    tasks.addTask {
                        var acknowledged: [(version: Int64, saveID: RandomID)] = []
                        for round in 0..<40 {
                            var session = base.rival(token: Int64(round * 2 + index + 1))
                            guard let sealed = try await session.seal(store).sealed else { continue }
                            session.version = sealed.version
                            for step in 0..<3 {
                                let saveID = RandomID.random()
                                guard try await session.save(store, "\(round) \(step)", saveID: saveID) == .committed
                                else { break }
                                session.version += 1
                                acknowledged.append((session.version, saveID))
                            }
                        }
                        return acknowledged
                    }
                }
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
            #expect(!saves.isEmpty)
            // Every version was acknowledged to exactly one writer, without a gap.
            let row = try #require(await stores[1].read(base.id))
            #expect(saves.map(\.version).sorted() == Array(1...row.version))
            #expect(saves.first { $0.version == row.version }?.saveID == row.saveID)
        }
    }

    @Test("an operation that two sessions try to apply takes effect once", arguments: StoreKind.allCases)
    func appliesOnce(kind: StoreKind) async throws {
        try await withStores(kind, 2) { stores in
            let base = try StoreActor()
            let operation = try OperationID("op")
            _ = try await stores[0].deliver(delivery("op", to: base.id))
            let applied = try await withThrowingTaskGroup(returning: Int.self) { tasks in
                for index in 0..<2 {
                    tasks.addTask {
                        var applied = 0
                        for round in 0..<20 {
                            var session = base.rival(token: Int64(round * 2 + index + 1))
                            guard let sealed = try await session.seal(stores[index]).sealed else { continue }
                            session.version = sealed.version
                            let settlement = Settlement(record: base.id, id: operation, state: .applied, attempts: 1)
                            let write = session.write(.content(try content("applied")))
                            if try await stores[index].commit([write], settlements: [settlement]) == .committed {
                                applied += 1
                            }
                        }
                        return applied
                    }
                }
                return try await tasks.reduce(0, +)
            }
            #expect(applied == 1)
            #expect(try await stores[0].read(base.id)?.version == 1)
        }
    }
}
