import Glibc
import Synchronization

/// Finds TCP ports on the loopback address.
public enum LoopbackPort {
    /// Those that were given out: whoever asked may not listen there yet.
    private static let taken = Mutex<Set<Int>>([])

    /// Returns a port that nobody listens on now, below 55,000 so that a cluster bus port fits above it too.
    ///
    /// No port is given out twice in a process.
    public static func free() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: 20_000..<32_000)
            if try isFree(port), taken.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw PrivateServerError("found no free port")
    }

    private static func isFree(_ port: Int) throws -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw PrivateServerError("cannot make a socket: errno \(errno)") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
