import HoldfastCoordination
import HoldfastStorage
import TestServers
import Testing

@Suite("Leases")
struct LeaseTests {
    @Test("a free lease is taken, shown and freed", arguments: BackendKind.allCases)
    func acquireInspectRelease(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, owner) = (try record(), owner())
            #expect(try await backend.inspect(id) == nil)
            #expect(
                try await backend.acquire(request(id, owner)) == .acquired(token: 1, hot: nil, tookOverDeadBoot: false)
            )
            let lease = try #require(try await backend.inspect(id))
            #expect(lease.owner == owner)
            #expect(lease.token == 1)
            #expect(lease.wantedBy == nil)
            #expect(lease.sinceMillis > 1_600_000_000_000)
            #expect(lease.remaining > .seconds(20) && lease.remaining <= .seconds(30))
            #expect(try await backend.release(LeaseClaim(id, owner), hot: nil) == ReleaseReply(waiter: nil))
            #expect(try await backend.inspect(id) == nil)
        }
    }

    @Test("every take mints a higher token", arguments: BackendKind.allCases)
    func tokensRise(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let id = try record()
            for expected: Int64 in 1...5 {
                let owner = owner()
                #expect(try await backend.acquire(request(id, owner)).token == expected)
                _ = try await backend.release(LeaseClaim(id, owner), hot: nil)
            }
            #expect(try await backend.acquire(request(id, owner(), floor: 900)).token == 901)
        }
    }

    @Test("a token above 2^31 and one just below 2^53 arrive exactly", arguments: BackendKind.allCases)
    func largeTokens(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            for floor: Int64 in [1 << 31, (1 << 53) - 3] {
                let (id, owner) = (try record("\(floor)"), owner())
                #expect(try await backend.acquire(request(id, owner, floor: floor)).token == floor + 1)
                #expect(try await backend.inspect(id)?.token == floor + 1)
            }
            let last = try record("last")
            #expect(try await backend.acquire(request(last, owner(), floor: (1 << 53) - 2)).token == (1 << 53) - 1)
            #expect(try await backend.unlock(last, token: (1 << 53) - 1))
        }
    }

    @Test("a repeated acquire of the same nonce gets the same token", arguments: BackendKind.allCases)
    func repeatedAcquire(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, owner) = (try record(), owner())
            #expect(try await backend.acquire(request(id, owner, lease: .seconds(15))).token == 1)
            let since = try await backend.inspect(id)?.sinceMillis
            #expect(try await backend.acquire(request(id, owner)).token == 1)
            let lease = try #require(try await backend.inspect(id))
            #expect(lease.sinceMillis == since)
            #expect(lease.remaining > .seconds(20))
        }
    }

    @Test("a repeated acquire mints again once the floor has reached its token", arguments: BackendKind.allCases)
    func repeatedAcquireAboveFloor(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, owner) = (try record(), owner())
            #expect(try await backend.acquire(request(id, owner, floor: 9)).token == 10)
            #expect(try await backend.acquire(request(id, owner, floor: 9)).token == 10)
            #expect(try await backend.acquire(request(id, owner, floor: 10)).token == 11)
            #expect(try await backend.acquire(request(id, owner, floor: 50)).token == 51)
            #expect(try await backend.inspect(id)?.token == 51)
        }
    }

    @Test("a held lease stays with its holder, and the answer describes it", arguments: BackendKind.allCases)
    func held(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, holder) = (try record(), owner("holder"))
            _ = try await backend.acquire(request(id, holder))
            let silent = try await backend.acquire(request(id, owner("silent"), asks: false))
            #expect(silent.holder?.owner == holder)
            #expect(silent.holder?.wantedBy == nil)
            let asking = try await backend.acquire(request(id, owner("asking")))
            #expect(asking.holder?.owner == holder)
            #expect(asking.holder?.token == 1)
            #expect(asking.holder?.wantedBy == "asking")
            let later = try await backend.acquire(request(id, owner("silent"), asks: false))
            #expect(later.holder?.wantedBy == "asking")
            #expect(try await backend.inspect(id)?.owner == holder)
        }
    }

    @Test("a lease ends by itself and is then free", arguments: BackendKind.allCases)
    func expiry(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, first, second) = (try record(), owner(), owner())
            #expect(try await backend.acquire(request(id, first, lease: .milliseconds(60))).token == 1)
            try await eventually("the lease ends") { try await backend.inspect(id) == nil }
            #expect(try await backend.acquire(request(id, second)).token == 2)
            #expect(
                try await backend.renew([LeaseClaim(id, first)], lease: .seconds(9)).map(\.finding) == [.heldByAnother])
        }
    }

    @Test("only the boot that was found dead loses its lease", arguments: BackendKind.allCases)
    func takeOver(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, dead, next) = (try record(), owner("dead"), owner("next"))
            _ = try await backend.acquire(request(id, dead))
            let other = try await backend.acquire(request(id, next, deadBoot: .random()))
            #expect(other.holder?.owner == dead)
            let taken = try await backend.acquire(request(id, next, deadBoot: dead.boot))
            #expect(taken == .acquired(token: 2, hot: nil, tookOverDeadBoot: true))
            // The wish recorded above was the taker's own; nothing of the dead lease stays.
            #expect(try await backend.inspect(id)?.wantedBy == nil)
            #expect(try await backend.inspect(id)?.owner == next)
        }
    }

    @Test("a superseded holder neither renews nor releases its successor's lease", arguments: BackendKind.allCases)
    func superseded(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, dead, next) = (try record(), owner("dead"), owner("next"))
            _ = try await backend.acquire(request(id, dead))
            _ = try await backend.acquire(request(id, next, deadBoot: dead.boot))
            let notices = try await backend.renew([LeaseClaim(id, dead)], lease: .seconds(30))
            #expect(notices == [RenewalNotice(claim: LeaseClaim(id, dead), finding: .heldByAnother)])
            #expect(try await backend.release(LeaseClaim(id, dead), hot: hotCopy()).waiter == nil)
            #expect(try await backend.inspect(id)?.owner == next)
            #expect(try await backend.acquire(request(id, next)).hot == nil)
        }
    }

    @Test("release names the waiter, and a repeated release names it again", arguments: BackendKind.allCases)
    func releaseTwice(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, holder, waiter) = (try record(), owner("holder"), owner("waiter"))
            _ = try await backend.acquire(request(id, holder))
            _ = try await backend.acquire(request(id, waiter))
            let claim = LeaseClaim(id, holder)
            #expect(try await backend.release(claim, hot: nil).waiter == "waiter")
            #expect(try await backend.release(claim, hot: nil).waiter == "waiter")
            #expect(try await backend.acquire(request(id, waiter)).token == 2)
            #expect(try await backend.release(claim, hot: nil).waiter == "waiter")
            #expect(try await backend.inspect(id)?.owner == waiter)
            #expect(try await backend.release(LeaseClaim(id, waiter), hot: nil).waiter == nil)
        }
    }

    @Test(
        "unlock frees exactly the lease that bears the token, and drops the hot copy", arguments: BackendKind.allCases)
    func unlock(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, holder) = (try record(), owner())
            _ = try await backend.acquire(request(id, holder, floor: 5))
            try await backend.putHotCopy(hotCopy(), for: LeaseClaim(id, holder))
            #expect(try await backend.unlock(id, token: 5) == false)
            let kept = try await backend.acquire(request(id, holder))
            #expect(kept == .acquired(token: 6, hot: nil, tookOverDeadBoot: false))
            #expect(try await backend.unlock(id, token: 6))
            #expect(try await backend.unlock(id, token: 6) == false)
            #expect(try await backend.acquire(request(id, owner())).token == 7)
        }
    }

    @Test("values outside the limits are refused before anything is sent", arguments: BackendKind.allCases)
    func badInput(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let id = try record()
            let bad = [
                request(id, owner(), lease: .zero), request(id, owner(), lease: .seconds(86_400 * 401)),
                request(id, owner(), floor: -1), request(id, owner(), floor: (1 << 53) - 1), request(id, owner("")),
                request(id, owner(String(repeating: "x", count: 257))),
            ]
            for request in bad {
                #expect(await code { _ = try await backend.acquire(request) } == .badInput)
            }
            #expect(await code { _ = try await backend.renew([], lease: .zero) } == .badInput)
            #expect(try await backend.inspect(id) == nil)
        }
    }
}
