/// One of the five fields of a cron expression.
struct CronField: Sendable, Equatable {
    /// What a field counts, its range and its names.
    enum Kind: String, CaseIterable {
        case minute, hour, day, month, weekday

        var range: ClosedRange<Int> {
            switch self {
            case .minute: 0...59
            case .hour: 0...23
            case .day: 1...31
            case .month: 1...12
            case .weekday: 0...7
            }
        }

        /// Three letters for each number from the start of the range on.
        var names: [String] {
            switch self {
            case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            default: []
            }
        }
    }

    /// One bit for each number that matches.
    let bits: UInt64
    /// Whether it starts with `*`, which leaves the choice of the day to the other day field.
    let isOpen: Bool

    /// Reads a comma-separated list of `*`, `N`, `N-M`, each optionally with `/STEP`; nil for anything else.
    init?(_ text: Substring, _ kind: Kind) {
        var bits: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let numbers = Self.numbers(item, kind) else { return nil }
            for number in numbers {
                // Sunday has two numbers.
                bits |= 1 << (kind == .weekday && number == 7 ? 0 : number)
            }
        }
        self.bits = bits
        self.isOpen = text.hasPrefix("*")
    }

    func contains(_ number: Int) -> Bool { bits & (1 << number) != 0 }

    /// The smallest matching number that is not below `number`.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits >> number
        return rest == 0 ? nil : number + rest.trailingZeroBitCount
    }

    /// The largest matching number that is not above `number`.
    func last(through number: Int) -> Int? {
        guard number >= 0 else { return nil }
        let rest = bits << (63 - number)
        return rest == 0 ? nil : number - rest.leadingZeroBitCount
    }

    private static func numbers(_ item: Substring, _ kind: Kind) -> [Int]? {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = parts.first, let range = range(base, kind, isStepped: parts.count == 2) else { return nil }
        guard parts.count == 2 else { return Array(range) }
        guard let step = digits(parts[1]), (1...kind.range.count).contains(step) else { return nil }
        return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
    }

    private static func range(_ text: Substring, _ kind: Kind, isStepped: Bool) -> ClosedRange<Int>? {
        // Of the two Sundays only 0 is part of "every day".
        let all = kind == .weekday ? 0...6 : kind.range
        if text == "*" { return all }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = number(ends[0], kind) else { return nil }
        guard ends.count == 2 else { return isStepped ? first...max(first, all.upperBound) : first...first }
        guard let last = number(ends[1], kind), first <= last else { return nil }
        return first...last
    }

    private static func number(_ text: Substring, _ kind: Kind) -> Int? {
        if let index = kind.names.firstIndex(of: text.lowercased()) { return kind.range.lowerBound + index }
        guard let number = digits(text), kind.range.contains(number) else { return nil }
        return number
    }

    private static func digits(_ text: Substring) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
