internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Resolves names before libpq would: getaddrinfo(3) knows no deadline, so it runs on a thread of its own that
/// is left behind when it hangs.
enum HostResolver {
    private final class Lookup: Sendable {
        let answer = Mutex<[String]>([])
        let done = Wakeup()
    }

    /// The numeric addresses of a host; empty when it has none or none were found before the deadline.
    static func addresses(of host: String, until deadline: Instant) -> [String] {
        if let numeric = lookUp(host, flags: AI_NUMERICHOST).first { return [numeric] }
        let lookup = Lookup()
        guard lookup.done.isUsable else { return [] }
        let started = startThread {
            let found = lookUp(host, flags: 0)
            lookup.answer.withLock { $0 = found }
            lookup.done.signal()
        }
        guard started, Descriptors.wait([(lookup.done.descriptor, Descriptors.input)], until: deadline) != nil else {
            return []
        }
        return lookup.answer.withLock { $0 }
    }

    private static func lookUp(_ host: String, flags: Int32) -> [String] {
        var hints = addrinfo()
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        hints.ai_flags = flags
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let result = getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            if result == 0 {
                found.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            next = entry.pointee.ai_next
        }
        return found
    }
}
