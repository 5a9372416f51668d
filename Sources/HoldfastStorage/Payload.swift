/// A document as a store keeps it: canonical JSON, compressed behind a format byte, with a checksum.
public struct Payload: Sendable, Equatable {
    /// Format byte and body.
    public let bytes: [UInt8]
    /// The first eight bytes (big-endian) of SHA-256 over ``bytes``.
    public let checksum: UInt64
    /// The size of the canonical JSON.
    public let documentBytes: Int

    /// Takes stored bytes as they are; ``document()`` checks them.
    public init(bytes: [UInt8], checksum: UInt64, documentBytes: Int) {
        self.bytes = bytes
        self.checksum = checksum
        self.documentBytes = documentBytes
    }
}
