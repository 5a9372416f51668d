/// Checks the names of boards and seasons.
enum BoardName {
    /// The longest name, in bytes.
    static let maximumBytes = 128

    /// Any text of 1 to 128 bytes of UTF-8 without control characters names a board.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    static func check(_ name: String, what: String = "a board's name") throws(MemoryStoreError) {
        guard (1...maximumBytes).contains(name.utf8.count), name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw MemoryStoreError(
                .badInput, "\(what) has 1 to \(maximumBytes) bytes of UTF-8 and no control characters")
        }
    }
}
