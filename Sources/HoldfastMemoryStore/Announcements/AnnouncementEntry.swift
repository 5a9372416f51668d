import HoldfastStorage

/// One entry of an announcement log as Redis keeps it; see `Lua/include/announcement_log.lua`.
struct AnnouncementEntry: Sendable, Equatable {
    private static let headerBytes = 64

    var sequence: Int64
    var id: RandomID
    var publishedAtMillis: Int64
    var expiresAtMillis: Int64
    /// Canonical JSON.
    var value: [UInt8]
}

extension AnnouncementEntry {
    /// Reads an entry; nil for anything that no script of ours writes.
    init?(redisBytes bytes: some RandomAccessCollection<UInt8>) {
        let header = Array(bytes.prefix(Self.headerBytes))
        guard header.count == Self.headerBytes, bytes.count > Self.headerBytes,
            let sequence = Int64(digits: header[0..<16]), let id = RandomID(bytes: header[16..<32]),
            let published = Int64(digits: header[32..<48]), let expires = Int64(digits: header[48..<64])
        else { return nil }
        self.init(
            sequence: sequence, id: id, publishedAtMillis: published, expiresAtMillis: expires,
            value: Array(bytes.dropFirst(Self.headerBytes)))
    }

    /// Copies an entry of the store's log.
    init(_ entry: LogEntry) {
        self.init(
            sequence: entry.sequence, id: entry.id, publishedAtMillis: entry.createdAtMillis,
            expiresAtMillis: entry.expiresAtMillis ?? 9_999_999_999_999, value: entry.value)
    }

    /// The form that scripts read.
    var redisBytes: [UInt8] {
        sequence.digits + id.bytes + publishedAtMillis.digits + expiresAtMillis.digits + value
    }
}

extension Int64 {
    /// Reads decimal digits and nothing else.
    init?(digits: some Collection<UInt8>) {
        guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self = digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Sixteen decimal digits; for numbers of at most as many.
    fileprivate var digits: [UInt8] {
        let text = Array(String(self).utf8)
        return [UInt8](repeating: 0x30, count: Swift.max(0, 16 - text.count)) + text
    }
}
