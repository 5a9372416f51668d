import HoldfastStorage

/// An item in the form that `Lua/include/queue.lua` describes.
struct StoredQueueItem: Sendable, Equatable {
    let id: RandomID
    let attempts: Int
    let isDurable: Bool
    let priority: Double
    let addedAtMillis: Int64
    let expiresAtMillis: Int64
    let value: [UInt8]

    private static let headBytes = 25

    /// Reads the bytes of an item.
    ///
    /// - Throws: ``MemoryStoreError`` with code `corrupt` when they are shorter than an item's head.
    init(id: RandomID, attempts: Int, bytes: [UInt8]) throws(MemoryStoreError) {
        guard bytes.count >= Self.headBytes else {
            throw MemoryStoreError(.corrupt, "a stored item of a queue has \(bytes.count) bytes")
        }
        func double(_ offset: Int) -> Double {
            Double(bitPattern: bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        guard let added = Int64(exactly: double(9).rounded()), let expires = Int64(exactly: double(17).rounded()) else {
            throw MemoryStoreError(.corrupt, "a stored item of a queue has times that are none")
        }
        self.id = id
        self.attempts = attempts
        self.isDurable = bytes[0] == 1
        self.priority = double(1)
        self.addedAtMillis = added
        self.expiresAtMillis = expires
        self.value = Array(bytes[Self.headBytes...])
    }
}
