import CHoldfastZstd
import Crypto

/// The stored bytes of one document, as the layout defines them: a format byte (0 = canonical JSON,
/// 1 = one zstd frame of it) and the body; the checksum is the first eight bytes, big-endian, of SHA-256
/// over all of them.
///
/// zstd is imported here although the storage module has its own import: a judge that decoded documents
/// with the code it judges would not see that code's mistakes.
struct StoredPayload {
    /// The largest document a store may hold: 4 MiB.
    private static let maximumDocumentBytes = 4_194_304

    let bytes: [UInt8]
    /// The bit pattern of the checksum.
    let checksum: Int64?
    let documentBytes: Int64?

    /// Checks and unpacks the document.
    func content() -> StoreImage.Record.Content {
        do throws(JSONFailure) {
            let object = try JSONObject(try document())
            return .document(try Balance(object), rewards: try object.integer("rewards"))
        } catch {
            return .corrupt(error.description)
        }
    }

    private func document() throws(JSONFailure) -> [UInt8] {
        let digest = SHA256.hash(data: bytes).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let checksum, UInt64(bitPattern: checksum) == digest else {
            throw JSONFailure("the payload does not match its checksum")
        }
        switch bytes.first {
        case 0: return Array(bytes.dropFirst())
        case 1: return try decompressed()
        case let format: throw JSONFailure("the payload has the unknown format \(format.map(String.init) ?? "none")")
        }
    }

    private func decompressed() throws(JSONFailure) -> [UInt8] {
        guard let documentBytes, (0...Int64(Self.maximumDocumentBytes)).contains(documentBytes) else {
            throw JSONFailure("the payload's document size is out of range")
        }
        let size = Int(documentBytes)
        var written = 0
        let document = [UInt8](unsafeUninitializedCapacity: max(size, 1)) { buffer, count in
            written = bytes.withUnsafeBytes { source in
                ZSTD_decompress(buffer.baseAddress, size, source.baseAddress! + 1, source.count - 1)
            }
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        guard ZSTD_isError(written) == 0, written == size else {
            throw JSONFailure("the payload is no zstd frame of \(size) bytes")
        }
        return document
    }
}
