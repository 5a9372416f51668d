public import HoldfastStorage

/// Codes one chunk by itself into the bytes that a store keeps, and reads them back exactly.
///
/// A format byte, then a body of run lengths, compressed with zstd where that makes it smaller. The checksum is the
/// part's own. No dictionary, no other chunk and nothing of the generator is needed to read it.
public enum ChunkCodec {
    /// The level at which zstd compresses: 19, since a body is small and a chunk written once a minute at most.
    public static let level: Int32 = 19

    enum Format {
        static let plain: UInt8 = 0
        static let zstd: UInt8 = 1
    }

    /// A body has at most that many bytes: 4 MiB.
    private static let maximumBody = DurableStoreLimits.documentBytes

    /// Codes a chunk.
    ///
    /// - Throws: ``WorldError``: `tooLarge` when the coded chunk has over 1 MiB, or its chests over 4 MiB as JSON;
    ///   `badInput` for chests that JSON has no form for.
    public static func encode(_ chunk: Chunk) throws(WorldError) -> PartPayload {
        let body = try ChunkBody.write(chunk)
        guard body.count <= maximumBody else { throw WorldError(.tooLarge, "a chunk has over \(maximumBody) bytes") }
        let bytes: [UInt8]
        do {
            bytes = try compress(body) ?? [Format.plain] + body
        } catch {
            throw WorldError(.unavailable, error.message)
        }
        guard bytes.count <= PartPayload.maximumBytes else {
            throw WorldError(.tooLarge, "a coded chunk has at most \(PartPayload.maximumBytes) bytes")
        }
        return PartPayload(bytes)
    }

    /// Reads a coded chunk.
    ///
    /// - Throws: ``WorldError``: `corrupt` when the bytes do not match their checksum or are no chunk; `newerFormat`
    ///   for a format byte that this build does not know.
    public static func decode(_ payload: PartPayload) throws(WorldError) -> Chunk {
        let body: [UInt8]
        do {
            body = try self.body(in: try payload.verified())
        } catch {
            switch error.code {
            case .newerSchema: throw WorldError(.newerFormat, error.message)
            case .corrupt: throw WorldError(.corrupt, error.message)
            default: throw WorldError(.unavailable, error.message)
            }
        }
        return try ChunkBody.read(body)
    }

    private static func body(in bytes: [UInt8]) throws(StoreError) -> [UInt8] {
        switch bytes.first {
        case Format.plain: return Array(bytes[1...])
        case Format.zstd:
            guard let body = try decompress(bytes) else {
                throw StoreError(.corrupt, "a coded chunk is no complete zstd frame")
            }
            return body
        case let format?: throw StoreError(.newerSchema, "chunk format \(format) was written by a newer build")
        case nil: throw StoreError(.corrupt, "a coded chunk is empty")
        }
    }

    /// The format byte and one frame; nil where that would not be smaller.
    package static func compress(_ body: [UInt8]) throws(StoreError) -> [UInt8]? {
        try ZstdContext.with { context throws(StoreError) in
            context.compress(body, after: Format.zstd, level: level)
        }
    }

    /// What the frame behind the format byte holds; nil when it is none.
    package static func decompress(_ bytes: [UInt8]) throws(StoreError) -> [UInt8]? {
        try ZstdContext.with { context throws(StoreError) in
            bytes.withUnsafeBytes { context.decompress(.init(rebasing: $0[1...]), limit: maximumBody) }
        }
    }
}
