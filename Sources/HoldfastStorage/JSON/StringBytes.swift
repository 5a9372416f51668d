#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

// Swift equates and orders strings by Unicode equivalence; documents go by their UTF-8 bytes.
extension String {
    /// Calls `body` with the UTF-8 bytes, without a copy for a native string.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
    }

    /// Whether both have the same bytes.
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return withBytes { left in
            other.withBytes { right in
                left.isEmpty || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0
            }
        }
    }

    /// Whether this one's bytes come first.
    package func precedesByBytes(_ other: String) -> Bool {
        withBytes { left in
            other.withBytes { right in
                let common = min(left.count, right.count)
                guard common > 0 else { return left.count < right.count }
                let order = memcmp(left.baseAddress!, right.baseAddress!, common)
                return order == 0 ? left.count < right.count : order < 0
            }
        }
    }

    /// Feeds the bytes into a hasher.
    func hashBytes(into hasher: inout Hasher) {
        withBytes { bytes in
            hasher.combine(bytes.count)
            hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
    }
}
