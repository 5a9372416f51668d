import HoldfastStorage

/// What a channel and its announcements may be.
enum AnnouncementLimits {
    static let nameCharacters = 128
    /// The most announcements of each log of a channel; the oldest give way.
    static let capacity = 1_000
    static let lifeMillis: ClosedRange<Int64> = 1...(45 * 86_400_000)

    static func check(channel: String) throws(MemoryStoreError) {
        let count = channel.utf8.count > 4 * nameCharacters ? channel.utf8.count : channel.unicodeScalars.count
        guard (1...nameCharacters).contains(count) else {
            throw MemoryStoreError(.badInput, "the name of a channel has 1 to \(nameCharacters) characters")
        }
    }

    /// The life in whole milliseconds.
    static func millis(_ life: Duration) throws(MemoryStoreError) -> Int64 {
        guard life >= .milliseconds(1), life <= .milliseconds(lifeMillis.upperBound) else {
            throw MemoryStoreError(.badInput, "an announcement lives for 1 ms to 45 days")
        }
        return Int64(life / .milliseconds(1))
    }

    /// The store's log of a channel, whose name was checked.
    static func logName(_ channel: String) throws(MemoryStoreError) -> SpaceName {
        do {
            return try SpaceName("announce:\(channel)")
        } catch {
            throw MemoryStoreError(error)
        }
    }
}
