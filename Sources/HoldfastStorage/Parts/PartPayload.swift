/// The bytes of one part with their checksum; only whoever wrote them knows what they mean.
public struct PartPayload: Sendable, Equatable {
    /// The most bytes of one part: 1 MiB.
    public static let maximumBytes = 1_048_576

    /// What is stored, 1 to ``maximumBytes``.
    public let bytes: [UInt8]
    /// The first eight bytes (big-endian) of SHA-256 over ``bytes``.
    public let checksum: UInt64

    /// Wraps bytes and computes their checksum; the store checks their number.
    public init(_ bytes: [UInt8]) {
        self.init(bytes: bytes, checksum: Payload.checksum(of: bytes))
    }

    /// Takes stored bytes as they are; ``verified()`` checks them.
    public init(bytes: [UInt8], checksum: UInt64) {
        self.bytes = bytes
        self.checksum = checksum
    }

    /// The bytes, once they match their checksum.
    ///
    /// - Throws: ``StoreError`` with code `corrupt`.
    public func verified() throws(StoreError) -> [UInt8] {
        guard Payload.checksum(of: bytes) == checksum else {
            throw StoreError(.corrupt, "a part of \(bytes.count) bytes does not match its checksum")
        }
        return bytes
    }
}
