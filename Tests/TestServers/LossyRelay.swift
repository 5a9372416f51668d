import Foundation
import Glibc
import HoldfastPrivateServers
import Synchronization

/// Passes bytes between clients and a server's Unix socket, and loses what a test wants lost.
///
/// Losing something closes the connection, as a broken network does. It ends with the value.
public final class LossyRelay: Sendable {
    /// What gets lost.
    public enum Loss: Sendable {
        /// The server never sees the request.
        case request
        /// The server carries the request out, and its reply is lost.
        case reply
    }

    private struct Order {
        let loss: Loss
        let marker: [UInt8]
        var count: Int
    }

    private struct State {
        var order: Order?
        var descriptors: Set<Int32> = []
        var isClosed = false
    }

    private let folder: TemporaryFolder
    private let serverPath: String
    private let listener: Int32
    private let state = Mutex(State())

    /// Where clients connect to.
    public var socketPath: String { folder.file("relay.sock") }

    /// Listens in front of the server at `serverPath`.
    public init(to serverPath: String) throws {
        folder = try TemporaryFolder()
        self.serverPath = serverPath
        listener = try UnixSocket.open(folder.file("relay.sock")) { bind($0, $1, $2) }
        guard listen(listener, 16) == 0 else { throw TestServerError("cannot listen: errno \(errno)") }
        // The thread must not keep the relay alive: it ends when the listener is shut down.
        Thread.detachNewThread { [listener, weak self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                guard let self else {
                    close(client)
                    break
                }
                self.serve(client)
            }
            close(listener)
        }
    }

    deinit { stop() }

    /// Closes everything.
    public func stop() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            shutdown(listener, Int32(SHUT_RDWR))
            for descriptor in state.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Loses the next `count` requests that contain `marker`, or their replies.
    public func lose(_ loss: Loss, containing marker: String, count: Int = 1) {
        state.withLock { $0.order = Order(loss: loss, marker: Array(marker.utf8), count: count) }
    }

    /// Whether everything that was to be lost has been.
    public var isDone: Bool { state.withLock { $0.order == nil } }

    // MARK: Passing on

    private func serve(_ client: Int32) {
        guard let server = try? UnixSocket.open(serverPath, { connect($0, $1, $2) }) else {
            close(client)
            return
        }
        let isOpen = state.withLock { state in
            if !state.isClosed { state.descriptors.formUnion([client, server]) }
            return !state.isClosed
        }
        guard isOpen else {
            close(client)
            close(server)
            return
        }
        Thread.detachNewThread { [weak self] in
            var losesReply = false
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var polled = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            passing: while poll(&polled, 2, -1) > 0 || errno == EINTR {
                for side in 0...1 where polled[side].revents != 0 {
                    let count = read(polled[side].fd, &buffer, buffer.count)
                    guard count > 0 else { break passing }
                    if side == 0, let loss = self?.takeLoss(buffer[..<count]) {
                        if loss == .request { break passing }
                        losesReply = true
                    } else if side == 1, losesReply {
                        break passing
                    }
                    var sent = 0
                    while sent < count {
                        let written = buffer[sent..<count].withUnsafeBytes {
                            send(polled[1 - side].fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                        }
                        guard written > 0 else { break passing }
                        sent += written
                    }
                }
            }
            self?.forget(client, server)
            close(client)
            close(server)
        }
    }

    private func takeLoss(_ bytes: ArraySlice<UInt8>) -> Loss? {
        state.withLock { state in
            guard var order = state.order, Data(bytes).range(of: Data(order.marker)) != nil else { return nil }
            order.count -= 1
            state.order = order.count > 0 ? order : nil
            return order.loss
        }
    }

    private func forget(_ descriptors: Int32...) {
        state.withLock { $0.descriptors.subtract(descriptors) }
    }
}
