import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCoordination

@Suite("Hot copies")
struct HotCopyTests {
    @Test("the next holder gets the copy that was left with the release", arguments: BackendKind.allCases)
    func leftByRelease(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, first, second) = (try record(), owner(), owner())
            let hot = hotCopy(Array(0...255))
            _ = try await backend.acquire(request(id, first))
            _ = try await backend.release(LeaseClaim(id, first), hot: hot)
            #expect(
                try await backend.acquire(request(id, second)) == .acquired(token: 2, hot: hot, tookOverDeadBoot: false)
            )
        }
    }

    @Test("a later copy replaces an earlier one", arguments: BackendKind.allCases)
    func replaced(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, owner) = (try record(), owner())
            let later = hotCopy([9], version: 8)
            _ = try await backend.acquire(request(id, owner))
            try await backend.putHotCopy(hotCopy(), for: LeaseClaim(id, owner))
            try await backend.putHotCopy(later, for: LeaseClaim(id, owner))
            #expect(try await backend.acquire(request(id, owner)).hot == later)
        }
    }

    @Test("only the holder writes a copy", arguments: BackendKind.allCases)
    func onlyTheHolder(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, holder) = (try record(), owner())
            try await backend.putHotCopy(hotCopy(), for: LeaseClaim(id, holder))
            #expect(try await backend.acquire(request(id, holder)).hot == nil)
            try await backend.putHotCopy(hotCopy(), for: LeaseClaim(id, owner()))
            #expect(try await backend.acquire(request(id, holder)).hot == nil)
        }
    }

    @Test("64 KiB are kept, one byte more is not", arguments: BackendKind.allCases)
    func sizeLimit(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (id, owner) = (try record(), owner())
            let largest = hotCopy([UInt8](repeating: 0xAB, count: HotCopy.maximumBytes))
            _ = try await backend.acquire(request(id, owner))
            try await backend.putHotCopy(largest, for: LeaseClaim(id, owner))
            try await backend.putHotCopy(hotCopy(largest.payload + [1]), for: LeaseClaim(id, owner))
            #expect(try await backend.acquire(request(id, owner)).hot == largest)
        }
    }

    @Test("a copy ends by itself while its lease goes on", arguments: BackendKind.allCases)
    func expiry(_ kind: BackendKind) async throws {
        try await withBackend(kind, hotCopyLife: .milliseconds(50)) { backend in
            let (id, owner) = (try record(), owner())
            _ = try await backend.acquire(request(id, owner))
            try await backend.putHotCopy(hotCopy(), for: LeaseClaim(id, owner))
            try await eventually("the copy ends") { try await backend.acquire(request(id, owner)).hot == nil }
            #expect(try await backend.inspect(id)?.owner == owner)
        }
    }

    @Test("copies are given up at three quarters of the memory limit, and taken up again below it")
    func budget() {
        var budget = HotCopyBudget()
        let start = ContinuousClock.now
        #expect(budget.hasRoom)
        let asks = [0, 999, 1_000, 1_001, 2_000].map { budget.shouldAsk(now: start + .milliseconds($0)) }
        #expect(asks == [true, false, true, false, true])
        budget.learn("# Memory\r\nused_memory:7600\r\nused_memory_rss:1\r\nmaxmemory:10000\r\nmaxmemory_human:1\r\n")
        #expect(!budget.hasRoom)
        budget.learn("used_memory:7400\r\nmaxmemory:10000\r\n")
        #expect(budget.hasRoom)
        budget.learn("used_memory:7600\r\nmaxmemory:0\r\n")
        #expect(budget.hasRoom)
    }
}
