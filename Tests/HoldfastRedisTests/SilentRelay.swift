import Glibc
import Synchronization
import TestServers

/// A TCP relay that can fall silent: its connections stay open, but nothing goes through them any more.
///
/// As a proxy that lost its state, or a peer that vanished without a word. Connections made afterwards work. It ends
/// with the value.
final class SilentRelay: Sendable {
    private struct Link {
        let near: Int32
        let far: Int32
        var isSilent = false
    }

    private struct State {
        var links: [Link] = []
        var isEnded = false
    }

    /// Where clients connect to.
    let port: Int
    private let target: Int
    private let listener: Int32
    private let state = Mutex(State())

    /// Listens on a free port of the loopback address and passes everything on to `target`.
    init(to target: Int) throws {
        self.target = target
        port = try LoopbackPort.free()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let isListening = Self.withLoopback(port) { bind(listener, $0, $1) } == 0 && listen(listener, 64) == 0
        guard isListening else { throw TestServerError("the relay cannot listen: errno \(errno)") }
    }

    deinit {
        close(listener)
    }

    /// How many connections were passed on so far.
    var connections: Int { state.withLock { $0.links.count } }

    /// Stops the connections that there are now.
    func silence() {
        state.withLock { state in
            for index in state.links.indices { state.links[index].isSilent = true }
        }
    }

    /// Relays while `body` runs.
    func relaying<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        var thread = pthread_t()
        let relay = Unmanaged.passRetained(self)
        pthread_create(
            &thread, nil,
            { relay in
                relay.map { Unmanaged<SilentRelay>.fromOpaque($0).takeRetainedValue().loop() }
                return nil
            }, relay.toOpaque())
        let result: Result<Value, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        state.withLock { $0.isEnded = true }
        pthread_join(thread, nil)
        return try result.get()
    }

    /// One thread copies for all connections.
    private func loop() {
        defer {
            for link in state.withLock({ $0.links }) {
                close(link.near)
                close(link.far)
            }
        }
        var closed: Set<Int> = []
        while !state.withLock({ $0.isEnded }) {
            let links = state.withLock { $0.links }
            var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            for (index, link) in links.enumerated() {
                let isOpen = !link.isSilent && !closed.contains(index)
                // poll(2) passes over negative descriptors.
                polled.append(pollfd(fd: isOpen ? link.near : -1, events: Int16(POLLIN), revents: 0))
                polled.append(pollfd(fd: isOpen ? link.far : -1, events: Int16(POLLIN), revents: 0))
            }
            guard poll(&polled, nfds_t(polled.count), 10) > 0 else { continue }
            if polled[0].revents != 0 { accept() }
            let silent = state.withLock { $0.links.map(\.isSilent) }
            for (index, link) in links.enumerated() where !silent[index] {
                let (near, far) = (polled[1 + 2 * index].revents, polled[2 + 2 * index].revents)
                if near != 0, !Self.copy(from: link.near, to: link.far) { closed.insert(index) }
                if far != 0, !Self.copy(from: link.far, to: link.near) { closed.insert(index) }
                if closed.contains(index) {
                    shutdown(link.near, Int32(SHUT_RDWR))
                    shutdown(link.far, Int32(SHUT_RDWR))
                }
            }
        }
    }

    private func accept() {
        let near = Glibc.accept(listener, nil, nil)
        let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard near >= 0, far >= 0, Self.withLoopback(target, { connect(far, $0, $1) }) == 0 else {
            close(near)
            close(far)
            return
        }
        state.withLock { $0.links.append(Link(near: near, far: far)) }
    }

    private static func copy(from source: Int32, to target: Int32) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(source, &bytes, bytes.count, 0)
        var sent = 0
        while sent < count {
            let result = bytes[sent..<count].withUnsafeBytes {
                send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard result > 0 else { return false }
            sent += result
        }
        return count > 0
    }

    private static func withLoopback(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
