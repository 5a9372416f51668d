import HoldfastStorage

/// What scripts publish to a channel's subscribers: that a log goes on after a place, and with which entries.
struct AnnouncementHint: Sendable, Equatable {
    var flavor: AnnouncementFlavor
    /// The end of the log before.
    var after: AnnouncementPosition
    /// Empty when they are too large for a hint.
    var entries: [AnnouncementEntry]
}

extension AnnouncementHint {
    /// Reads what `hint` in `Lua/include/announcement_log.lua` writes; nil for anything else.
    init?(redisBytes bytes: [UInt8]) {
        var rest = bytes[...]
        func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count >= 0, rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        switch take(1)?.first {
        case UInt8(ascii: "d"): flavor = .durable
        case UInt8(ascii: "f"): flavor = .fast
        default: return nil
        }
        guard let generation = take(16).flatMap({ RandomID(bytes: $0) }),
            let sequence = take(16).flatMap({ Int64(digits: $0) }), let id = take(16).flatMap({ RandomID(bytes: $0) })
        else { return nil }
        after = AnnouncementPosition(
            generation: generation, sequence: sequence, entry: id == RandomID(high: 0, low: 0) ? nil : id)
        entries = []
        while !rest.isEmpty {
            guard let length = take(8).flatMap({ Int64(digits: $0) }),
                let entry = take(Int(length)).flatMap({ AnnouncementEntry(redisBytes: $0) })
            else { return nil }
            entries.append(entry)
        }
    }
}
