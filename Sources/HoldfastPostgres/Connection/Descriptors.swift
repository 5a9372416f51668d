#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A point in time that counts suspends as well.
typealias Instant = ContinuousClock.Instant

/// Waits with poll(2) until a descriptor is ready or the deadline has passed.
enum Descriptors {
    static let input = Int16(POLLIN), output = Int16(POLLOUT)

    /// Returns what is ready for each descriptor, or nil once `deadline` has passed; nil waits for ever.
    static func wait(_ interests: [(descriptor: Int32, events: Int16)], until deadline: Instant?) -> [Int16]? {
        var list = interests.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
        while true {
            let count = poll(&list, nfds_t(list.count), milliseconds(until: deadline))
            if count > 0 { return list.map(\.revents) }
            if count < 0, errno != EINTR { return list.map { _ in Int16(POLLERR) } }
            if let deadline, ContinuousClock.now >= deadline { return nil }
        }
    }

    /// Rounded up, so that a wait never ends early and spins.
    private static func milliseconds(until deadline: Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let (seconds, attoseconds) = (deadline - ContinuousClock.now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(clamping: min(seconds, 86_400) * 1_000 + attoseconds / 1_000_000_000_000_000 + 1)
    }
}

/// A pipe that ends another thread's poll(2).
final class Wakeup: Sendable {
    let descriptor: Int32
    private let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
        }
        self.descriptor = ends[0]
        self.writeEnd = ends[1]
    }

    deinit {
        close(descriptor)
        close(writeEnd)
    }

    /// Whether the process had descriptors left for the pipe.
    var isUsable: Bool { descriptor >= 0 }

    func signal() {
        var byte: UInt8 = 1
        // A full pipe wakes the reader as well.
        _ = write(writeEnd, &byte, 1)
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) == bytes.count {}
    }
}

/// Starts a detached thread of the operating system; false when there are too many.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(ThreadBody(body))
    #if canImport(Darwin)
        var thread: pthread_t?
        let result = pthread_create(&thread, nil, { ThreadBody.run($0) }, box.toOpaque())
        if result == 0, let thread { pthread_detach(thread) }
    #else
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, { $0.flatMap { ThreadBody.run($0) } }, box.toOpaque())
        if result == 0 { pthread_detach(thread) }
    #endif
    if result != 0 { box.release() }
    return result == 0
}

private final class ThreadBody: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    static func run(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<ThreadBody>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
    }
}
