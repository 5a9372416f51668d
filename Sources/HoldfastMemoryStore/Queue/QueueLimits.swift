/// What fits into a queue.
struct QueueLimits: Sendable {
    /// The most items, invisible ones included and dead letters not.
    var items: Int64 = 1_000_000
    /// The most bytes of their values: 100 MiB.
    var bytes: Int64 = 104_857_600

    /// The most items of one call; `Lua/include/queue.lua` has the same number.
    static let batch = 100
    /// The most Unicode scalars of a queue's name.
    static let nameCharacters = 128
    /// The longest life of an item, and the longest time it may be invisible: 45 days.
    static let longest = Duration.seconds(3_888_000)

    static func check(name: String) throws(MemoryStoreError) {
        let count = name.utf8.count > 4 * nameCharacters ? name.utf8.count : name.unicodeScalars.count
        guard (1...nameCharacters).contains(count) else {
            throw MemoryStoreError(.badInput, "the name of a queue has 1 to \(nameCharacters) characters")
        }
    }

    static func check(count: Int) throws(MemoryStoreError) {
        guard (1...batch).contains(count) else {
            throw MemoryStoreError(.badInput, "a call takes 1 to \(batch) items, not \(count)")
        }
    }

    static func check(priority: Double) throws(MemoryStoreError) {
        guard priority.isFinite else { throw MemoryStoreError(.badInput, "a priority is a finite number") }
    }

    /// The life of an item in whole milliseconds.
    static func millis(life: Duration) throws(MemoryStoreError) -> Int64 {
        guard life >= .milliseconds(1), life <= longest else {
            throw MemoryStoreError(.badInput, "an item lives for 1 ms to 45 days")
        }
        return Int64(life / .milliseconds(1))
    }

    /// An invisibility timeout in whole milliseconds.
    static func millis(invisible: Duration) throws(MemoryStoreError) -> Int64 {
        guard invisible >= .milliseconds(1), invisible <= longest else {
            throw MemoryStoreError(.badInput, "an invisibility timeout is 1 ms to 45 days")
        }
        return Int64(invisible / .milliseconds(1))
    }

    /// A delay in whole milliseconds.
    static func millis(delay: Duration) throws(MemoryStoreError) -> Int64 {
        guard delay >= .zero, delay <= longest else {
            throw MemoryStoreError(.badInput, "a delay is at most 45 days and not negative")
        }
        return Int64(delay / .milliseconds(1))
    }
}
