import Glibc
import Synchronization
import Testing

/// Sees to it that no refusal by `Deploy/redis/users.acl` goes unnoticed.
///
/// It fails the test that it is found in. What is found outside of tests, or on servers that outlive all of them, makes
/// the test process end with an error.
enum RefusalWatch {
    private struct State {
        var servers: [Weak] = []
        var isSet = false
        var homeless: [String] = []
    }

    private struct Weak {
        weak var server: PrivateRedis?
    }

    private static let state = Mutex(State())

    /// Looks at a server when the process ends, if it lives as long.
    static func add(_ server: PrivateRedis) {
        state.withLock { state in
            state.servers.removeAll { $0.server == nil }
            state.servers.append(Weak(server: server))
            if !state.isSet { atexit { RefusalWatch.conclude() } }
            state.isSet = true
        }
    }

    /// Tells of one refusal.
    static func report(_ refusal: String) {
        guard Test.current == nil else {
            Issue.record("\(refusal)")
            return
        }
        state.withLock { $0.homeless.append(refusal) }
    }

    private static func conclude() {
        for server in state.withLock({ $0.servers.compactMap(\.server) }) { server.expectNoRefusals() }
        let homeless = state.withLock { $0.homeless }
        guard !homeless.isEmpty else { return }
        print("refused by Deploy/redis/users.acl:\n" + homeless.joined(separator: "\n"))
        fflush(nil)
        // The verdict so far may have been another; `exit` must not be called twice.
        _exit(1)
    }
}
