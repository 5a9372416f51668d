import Glibc

/// Opens stream sockets at paths.
enum UnixSocket {
    /// Makes a descriptor and hands it to `open`, which is `bind` or `connect`, with the address of `path`.
    ///
    /// - Returns: The descriptor, which is the caller's to close.
    static func open(
        _ path: String, _ open: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestServerError("no socket: errno \(errno)") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                open(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw TestServerError("cannot open \(path): errno \(errno)")
        }
        return descriptor
    }

    /// Whether somebody listens at `path`: a socket is there a moment before it is listened at.
    static func accepts(_ path: String) -> Bool {
        guard let descriptor = try? open(path, { connect($0, $1, $2) }) else { return false }
        close(descriptor)
        return true
    }
}
