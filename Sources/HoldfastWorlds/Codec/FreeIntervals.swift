/// The places along the curve that no plane has filled yet, as intervals.
struct FreeIntervals {
    private struct Interval {
        var start: Int32
        var length: Int32
    }

    private var intervals: [Interval]
    /// What one plane leaves; kept to be used again.
    private var left: [Interval] = []
    /// How many places are free.
    private(set) var count: Int

    init(count: Int) {
        self.count = count
        intervals = [Interval(start: 0, length: Int32(count))]
    }

    /// Reads one plane: numbers of free places to leave and to fill in turn, which add up to all that are free.
    ///
    /// After the last one nobody asks which places are free, only how many.
    mutating func fill(
        _ curve: UnsafeMutableBufferPointer<UInt16>, with block: UInt16, isLast: Bool, from reader: inout ByteReader
    ) throws(WorldError) {
        left.removeAll(keepingCapacity: true)
        var unread = count
        var next = 0
        var interval = Interval(start: 0, length: 0)
        while unread > 0 {
            // Only a plane that begins with its own block begins with an empty gap.
            let gap = try reader.readNumber()
            guard gap <= unread, gap > 0 || unread == count else { throw Self.mismatch }
            unread -= gap
            var rest = Int32(truncatingIfNeeded: gap)
            while rest > 0 {
                let taken = take(rest, of: &interval, next: &next)
                if !isLast { left.append(taken) }
                rest &-= taken.length
            }
            guard unread > 0 else { break }
            let run = try reader.readNumber()
            guard run <= unread, run > 0 else { throw Self.mismatch }
            unread -= run
            count -= run
            rest = Int32(truncatingIfNeeded: run)
            while rest > 0 {
                let taken = take(rest, of: &interval, next: &next)
                for index in Int(taken.start)..<Int(taken.start &+ taken.length) { curve[index] = block }
                rest &-= taken.length
            }
        }
        swap(&intervals, &left)
    }

    /// Takes at most so many places from where the last call stopped.
    @inline(__always)
    private func take(_ places: Int32, of interval: inout Interval, next: inout Int) -> Interval {
        if interval.length == 0 {
            interval = intervals[next]
            next &+= 1
        }
        let taken = Interval(start: interval.start, length: min(places, interval.length))
        interval.start &+= taken.length
        interval.length &-= taken.length
        return taken
    }

    private static var mismatch: WorldError { WorldError(.corrupt, "run lengths of a coded chunk do not add up") }
}
