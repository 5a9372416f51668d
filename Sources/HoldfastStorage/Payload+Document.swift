import Crypto

extension Payload {
    /// Documents up to this many bytes are stored as they are: compression has nothing to gain.
    private static let compressionThreshold = 200

    private enum Format {
        static let plain: UInt8 = 0
        static let zstd: UInt8 = 1
    }

    /// Packs a document for a store.
    ///
    /// The bytes must be canonical; nothing here checks it. They are compressed where that makes them
    /// smaller.
    ///
    /// - Throws: ``StoreError`` with code `badInput` when there are more than
    ///   ``DurableStoreLimits/documentBytes``.
    public static func encode(canonical document: [UInt8]) throws(StoreError) -> Payload {
        guard document.count <= DurableStoreLimits.documentBytes else {
            throw StoreError(
                .badInput, "a document has at most \(DurableStoreLimits.documentBytes) bytes, not \(document.count)"
            )
        }
        let bytes = try packed(document)
        return Payload(bytes: bytes, checksum: checksum(of: bytes), documentBytes: document.count)
    }

    /// Unpacks the canonical document and checks it on the way.
    ///
    /// - Throws: ``StoreError``: `corrupt` when the bytes do not match their checksum or are no document;
    ///   `newerSchema` for a format that this build does not know.
    public func document() throws(StoreError) -> [UInt8] {
        guard Self.checksum(of: bytes) == checksum else {
            throw StoreError(.corrupt, "a payload of \(bytes.count) bytes does not match its checksum")
        }
        guard let format = bytes.first else { throw StoreError(.corrupt, "a payload is empty") }
        switch format {
        case Format.plain:
            guard bytes.count - 1 <= DurableStoreLimits.documentBytes else {
                throw StoreError(.corrupt, "a document of \(bytes.count - 1) bytes is over the limit")
            }
            return Array(bytes[1...])
        case Format.zstd:
            let document = try ZstdContext.with { context throws(StoreError) in
                bytes.withUnsafeBytes { bytes in
                    context.decompress(
                        UnsafeRawBufferPointer(rebasing: bytes[1...]), limit: DurableStoreLimits.documentBytes
                    )
                }
            }
            guard let document else { throw StoreError(.corrupt, "a payload is no complete zstd frame") }
            return document
        default: throw StoreError(.newerSchema, "payload format \(format) was written by a newer build")
        }
    }

    /// The first eight bytes (big-endian) of SHA-256 over stored bytes, format byte included.
    public static func checksum(of bytes: [UInt8]) -> UInt64 {
        SHA256.hash(data: bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func packed(_ document: [UInt8]) throws(StoreError) -> [UInt8] {
        if document.count > compressionThreshold {
            let frame = try ZstdContext.with { context throws(StoreError) in
                context.compress(document, after: Format.zstd)
            }
            if let frame { return frame }
        }
        return [Format.plain] + document
    }
}
