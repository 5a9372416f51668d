import HoldfastCoordination
import HoldfastStorage
import TestServers
import Testing

@Suite("Renewal")
struct RenewalTests {
    @Test("a renewal extends the lease and reports nothing", arguments: BackendKind.allCases)
    func extends(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, owner) = (try record(), owner())
            _ = try await backend.acquire(request(id, owner, lease: .seconds(20)))
            #expect(try await backend.renew([LeaseClaim(id, owner)], lease: .seconds(60)) == [])
            let remaining = try #require(try await backend.inspect(id)?.remaining)
            #expect(remaining > .seconds(50))
            #expect(try await backend.renew([], lease: .seconds(60)) == [])
        }
    }

    @Test("an absent lease is reported and not made again", arguments: BackendKind.allCases)
    func absent(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let claim = LeaseClaim(try record(), owner())
            let notices = try await backend.renew([claim], lease: .seconds(60))
            #expect(notices == [RenewalNotice(claim: claim, finding: .absent)])
            #expect(try await backend.inspect(claim.id) == nil)
        }
    }

    @Test("of 1,000 leases exactly those that need attention are reported, in order", arguments: BackendKind.allCases)
    func thousand(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let boot = RandomID.random()
            var claims: [LeaseClaim] = []
            for number in 0..<1_000 {
                let (id, owner) = (try record("player \(number)"), owner("s1", boot: boot))
                _ = try await backend.acquire(request(id, owner, lease: .seconds(200)))
                claims.append(LeaseClaim(id, owner))
            }
            var expected: [RenewalNotice] = []
            for index in [0, 99, 100, 555, 999] {
                _ = try await backend.release(claims[index], hot: nil)
                expected.append(RenewalNotice(claim: claims[index], finding: .absent))
            }
            for index in [1, 199, 700] {
                _ = try await backend.acquire(request(claims[index].id, owner("s2"), deadBoot: boot))
                expected.append(RenewalNotice(claim: claims[index], finding: .heldByAnother))
            }
            for index in [2, 998] {
                _ = try await backend.acquire(request(claims[index].id, owner("s3")))
                expected.append(RenewalNotice(claim: claims[index], finding: .wanted(by: "s3")))
            }
            let order = Dictionary(uniqueKeysWithValues: claims.enumerated().map { ($1, $0) })
            expected.sort { order[$0.claim, default: 0] < order[$1.claim, default: 0] }
            #expect(try await backend.renew(claims, lease: .seconds(600)) == expected)
            #expect(try await backend.renew(claims, lease: .seconds(600)) == expected)
            for index in [3, 101, 998] {
                let remaining = try #require(try await backend.inspect(claims[index].id)?.remaining)
                #expect(remaining > .seconds(400))
            }
        }
    }
}
