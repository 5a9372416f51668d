import HoldfastStorage

/// Numbers the beats of one boot, and tells from an answer whether Redis has lost one.
///
/// Pure. Beats may overlap, and their answers may be taken in any order.
struct BeatLedger: Sendable {
    /// One beat on its way.
    struct Entry: Sendable, Equatable {
        let number: Int64
        /// The newest beat that was known to be written when this one was sent; 0 for none.
        let written: Int64
    }

    private var last: Int64 = 0
    private var acknowledged: Int64 = 0

    /// Begins the next beat.
    mutating func next() -> Entry {
        last += 1
        return Entry(number: last, written: acknowledged)
    }

    /// Takes the answer to a beat.
    ///
    /// Returns whether it shows that Redis had lost an earlier one. A beat whose answer was lost may have been written
    /// all the same, so any number from the one that was known on is this boot's.
    mutating func answered(_ entry: Entry, _ reply: BeatReply, boot: RandomID) -> Bool {
        acknowledged = max(acknowledged, entry.number)
        guard entry.written > 0 else { return false }
        return reply.previousBoot != boot || (reply.previousNumber ?? 0) < entry.written
    }
}
