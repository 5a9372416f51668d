import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// What `Lua/announcement/read.lua` answers.
struct AnnouncementReply: Sendable, Equatable {
    /// What the script found out about the position.
    enum Finding: Int64, Sendable {
        /// The log continues it.
        case continues = 0
        /// The log has another generation.
        case otherGeneration = 1
        /// The log ends before it.
        case endsBefore = 2
        /// Another entry stands there.
        case otherEntry = 3
    }

    /// One part of a log.
    struct Log: Sendable, Equatable {
        var finding: Finding
        /// The end of the log.
        var end: AnnouncementPosition
        /// The highest number that gave way while it was still valid.
        var dropped: Int64
        /// The place up to which ``entries`` say everything.
        var through: AnnouncementPosition
        var entries: [AnnouncementEntry]
    }

    /// Whether this reader is to compare Redis with the store.
    var gateOpened: Bool
    /// Nil when Redis has no such log.
    var log: Log?
}

extension AnnouncementReply {
    /// - Throws: ``MemoryStoreError`` with code `internal` for another shape.
    init(_ value: RedisValue) throws(MemoryStoreError) {
        guard let fields = value.array, fields.count >= 2, let gate = fields[1].integer else {
            throw Self.unexpected()
        }
        gateOpened = gate == 1
        switch fields[0].string {
        case "ABSENT": log = nil
        case "LOG": log = try Self.log(fields)
        default: throw Self.unexpected()
        }
    }

    private static func log(_ fields: [RedisValue]) throws(MemoryStoreError) -> Log {
        guard fields.count >= 10, let finding = fields[2].integer.flatMap({ Finding(rawValue: $0) }),
            let generation = fields[3].bytes.flatMap({ RandomID(bytes: $0) }), let last = fields[4].integer,
            let lastID = fields[5].bytes, let dropped = fields[6].integer, let epoch = fields[7].integer,
            let through = fields[8].integer, let throughID = fields[9].bytes
        else { throw unexpected() }
        var entries: [AnnouncementEntry] = []
        for field in fields.dropFirst(10) {
            guard let entry = field.bytes.flatMap({ AnnouncementEntry(redisBytes: $0) }) else { throw unexpected() }
            entries.append(entry)
        }
        return Log(
            finding: finding,
            end: AnnouncementPosition(
                generation: generation, sequence: last, entry: RandomID(bytes: lastID), epoch: epoch),
            dropped: dropped,
            through: AnnouncementPosition(
                generation: generation, sequence: through, entry: RandomID(bytes: throughID), epoch: epoch),
            entries: entries)
    }

    private static func unexpected() -> MemoryStoreError {
        MemoryStoreError(.internalError, "\(Script.Announcement.read.name) answered in an unknown form")
    }
}
