/// Hashes bytes the same way in every process and build.
enum StableHash {
    /// FNV-1a with 64 bits, finished so that the low bits depend on all bytes.
    static func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return hash ^ (hash >> 32)
    }
}
