import CHoldfastZstd
import Crypto

/// The stored bytes of one document or chunk, as the layout defines them: a format byte (0 = the body as it is,
/// 1 = one zstd frame of it) and the body, which is canonical JSON for a document; the checksum is the first eight
/// bytes, big-endian, of SHA-256 over all of them.
///
/// zstd is imported here although the storage module has its own import: a judge that decoded documents
/// with the code it judges would not see that code's mistakes.
struct StoredPayload {
    /// The largest body a store may hold: 4 MiB.
    private static let maximumBodyBytes = 4_194_304

    let bytes: [UInt8]
    /// The bit pattern of the checksum.
    let checksum: Int64?
    /// How long the body is by its row; nil for a part, whose row does not say.
    var bodyBytes: Int64?

    /// Checks and unpacks the document of a player or of a world, which has its balance in its metadata.
    func content(isWorld: Bool) -> StoreImage.Record.Content {
        do throws(JSONFailure) {
            let object = try JSONObject(try body())
            guard !isWorld else { return .document(try Balance(object.object("metadata")), rewards: 0) }
            return .document(try Balance(object), rewards: try object.integer("rewards"))
        } catch {
            return .corrupt(error.description)
        }
    }

    /// Checks the bytes and unpacks what they hold.
    func body() throws(JSONFailure) -> [UInt8] {
        let digest = SHA256.hash(data: bytes).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let checksum, UInt64(bitPattern: checksum) == digest else {
            throw JSONFailure("the payload does not match its checksum")
        }
        let body: [UInt8]
        switch bytes.first {
        case 0: body = Array(bytes.dropFirst())
        case 1: body = try decompressed()
        case let format: throw JSONFailure("the payload has the unknown format \(format.map(String.init) ?? "none")")
        }
        guard bodyBytes.map({ $0 == body.count }) ?? true else { throw JSONFailure("the payload has another size") }
        return body
    }

    private func decompressed() throws(JSONFailure) -> [UInt8] {
        // An unknown size and an error are the two highest values.
        let named = bytes.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress! + 1, $0.count - 1) }
        guard named <= UInt64(Self.maximumBodyBytes) else { throw JSONFailure("the payload's size is out of range") }
        let size = Int(named)
        var written = 0
        let body = [UInt8](unsafeUninitializedCapacity: max(size, 1)) { buffer, count in
            written = bytes.withUnsafeBytes { source in
                ZSTD_decompress(buffer.baseAddress, size, source.baseAddress! + 1, source.count - 1)
            }
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        guard ZSTD_isError(written) == 0, written == size else {
            throw JSONFailure("the payload is no zstd frame of \(size) bytes")
        }
        return body
    }
}
