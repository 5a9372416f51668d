/// What names and times of announcements, messages and notifications may be.
enum MessageLimits {
    static let nameCharacters = 128
    /// The longest life: 45 days.
    static let longestLife: Duration = .seconds(45 * 86_400)

    static func check(name: String, _ what: String) throws(MemoryStoreError) {
        // Four bytes at most each: a long text need not be counted through.
        let count = name.utf8.count > 4 * nameCharacters ? name.utf8.count : name.unicodeScalars.count
        guard (1...nameCharacters).contains(count) else {
            throw MemoryStoreError(.badInput, "the name of \(what) has 1 to \(nameCharacters) characters")
        }
    }

    /// A time in whole milliseconds.
    static func millis(_ time: Duration, of what: String) throws(MemoryStoreError) -> Int64 {
        guard time >= .milliseconds(1), time <= longestLife else {
            throw MemoryStoreError(.badInput, "the time of \(what) is 1 ms to 45 days")
        }
        return Int64(time / .milliseconds(1))
    }
}
