import CHoldfastZstd
import Synchronization

/// The working memory of zstd, reused from call to call.
///
/// `@unchecked Sendable`: zstd allows a context on any thread but on one at a time; the pool hands each
/// to one caller between taking and returning it.
package final class ZstdContext: @unchecked Sendable {
    private let compressor: OpaquePointer
    private let decompressor: OpaquePointer

    private static let idle = Mutex<[ZstdContext]>([])
    /// More idle contexts than that many are freed.
    private static let idleLimit = 8
    /// The level of documents: 1, since they are small and saved often; higher ones gain little on a few KiB.
    package static let documentLevel: Int32 = 1

    private init?() {
        guard let compressor = ZSTD_createCCtx() else { return nil }
        guard let decompressor = ZSTD_createDCtx() else {
            ZSTD_freeCCtx(compressor)
            return nil
        }
        self.compressor = compressor
        self.decompressor = decompressor
    }

    deinit {
        ZSTD_freeCCtx(compressor)
        ZSTD_freeDCtx(decompressor)
    }

    /// Calls `body` with a context that nobody else uses meanwhile.
    package static func with<Result>(_ body: (ZstdContext) throws(StoreError) -> Result) throws(StoreError) -> Result {
        guard let context = idle.withLock({ $0.popLast() }) ?? ZstdContext() else {
            throw StoreError(.unavailable, "no memory for compression")
        }
        defer {
            idle.withLock { idle in
                if idle.count < idleLimit { idle.append(context) }
            }
        }
        return try body(context)
    }

    /// Appends one frame of `input` to `prefix`; nil when the result would not be smaller than `input`.
    package func compress(_ input: [UInt8], after prefix: UInt8, level: Int32 = documentLevel) -> [UInt8]? {
        let output = [UInt8](unsafeUninitializedCapacity: input.count + 1) { buffer, count in
            buffer[0] = prefix
            // The frame must fit below the input's size, else zstd reports that the room is too small.
            let size = input.withUnsafeBytes { source in
                ZSTD_compressCCtx(
                    compressor, buffer.baseAddress! + 1, input.count - 1, source.baseAddress, source.count, level
                )
            }
            count = ZSTD_isError(size) == 0 ? size + 1 : 0
        }
        return output.isEmpty ? nil : output
    }

    /// Expands exactly one frame whose header names a size up to `limit`; nil for anything else.
    package func decompress(_ frame: UnsafeRawBufferPointer, limit: Int) -> [UInt8]? {
        // Unknown and erroneous sizes are the two highest values, so one comparison refuses both before
        // anything is allocated.
        let size = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
        guard size <= UInt64(limit), ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count else {
            return nil
        }
        let expected = Int(size)
        let output = [UInt8](unsafeUninitializedCapacity: expected) { buffer, count in
            let written = ZSTD_decompressDCtx(
                decompressor, buffer.baseAddress, expected, frame.baseAddress, frame.count
            )
            count = written == expected ? expected : 0
        }
        return output.count == expected ? output : nil
    }
}
