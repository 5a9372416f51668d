import Foundation
import Glibc
import HoldfastPrivateServers
import Synchronization

/// One PostgreSQL and one PgBouncer for all tests of a process that do no harm to them, and that wait for no disk.
///
/// They are started by the first test that asks and ended when the process exits. Tests keep apart by the name of
/// their deployment.
public enum SharedPostgres {
    private static let running = Mutex<[@Sendable () -> Void]>([])

    private static let starting = Task {
        let server = try await PrivatePostgres.start(syncs: false)
        onExit { server.discard() }
        return server
    }

    private static let startingBouncer = Task {
        let bouncer = try await PrivatePgBouncer.start(before: try await server())
        onExit { bouncer.discard() }
        return bouncer
    }

    /// The shared server.
    public static func server() async throws -> PrivatePostgres {
        try await starting.value
    }

    /// The shared PgBouncer before it.
    public static func bouncer() async throws -> PrivatePgBouncer {
        try await startingBouncer.value
    }

    private static func onExit(_ end: @escaping @Sendable () -> Void) {
        running.withLock { running in
            if running.isEmpty { atexit { SharedPostgres.endAll() } }
            running.append(end)
        }
    }

    private static func endAll() {
        let ends = running.withLock { $0 }
        for end in ends.reversed() { end() }
    }
}
