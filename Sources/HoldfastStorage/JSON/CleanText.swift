/// Finds the end of text that JSON takes as it is, eight bytes at a time.
enum CleanText {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Passes over whole words without quote, backslash and control character; returns the position after them.
    ///
    /// What follows, at most seven clean bytes and then one that is not, is for the caller to look at one by
    /// one. `seen` gets its high bit when bytes beyond ASCII were passed.
    static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, seen: inout UInt8) -> Int {
        guard let base = bytes.baseAddress else { return start }
        let raw = UnsafeRawPointer(base)
        var index = start
        var high: UInt64 = 0
        while index + 8 <= bytes.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // The classic test for a zero byte: the lowest hit is exact, a borrow may only add later ones.
            let hit = (word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
            if hit & highBits != 0 { break }
            high |= word
            index += 8
        }
        if high & highBits != 0 { seen |= 0x80 }
        return index
    }
}
