import HoldfastCoordination
import HoldfastStorage

/// A server's beat as `status` and `server list` show it.
enum ServerRow {
    static func document(_ beat: ServerBeat) -> OutputValue {
        [
            "id": .string(beat.server), "boot": .string(beat.boot.description),
            "beatAgeMillis": .integer(beat.age.wholeMillis), "sessions": .integer(Int64(beat.sessions)),
            "doubtful": .integer(Int64(beat.doubtful)), "unsavedAgeMillis": .integer(beat.unsavedAge.wholeMillis),
            "leaseMarginMillis": .optional(beat.leaseMargin?.wholeMillis), "draining": .bool(beat.draining),
            "critical": .bool(beat.critical),
            "status": status(beat.status),
        ]
    }

    static func table(_ beats: [ServerBeat]) -> String {
        var table = Table("SERVER", "BEAT", "SESSIONS", "DOUBTFUL", "UNSAVED", "LEASE MARGIN", "STATE")
        for beat in beats {
            table.add(
                beat.server, "\(beat.age.wholeMillis) ms ago", "\(beat.sessions)", "\(beat.doubtful)",
                "\(beat.unsavedAge.wholeMillis) ms", beat.leaseMargin.map { "\($0.wholeMillis) ms" } ?? "-",
                state(beat))
        }
        return table.text
    }

    private static func state(_ beat: ServerBeat) -> String {
        (beat.critical ? "critical, " : "") + (beat.draining ? "draining" : "serving")
    }

    /// The game's JSON as JSON; what is none is shown as text.
    private static func status(_ text: String) -> OutputValue {
        guard let value = try? CanonicalJSON.parse(Array(text.utf8)), let bytes = try? CanonicalJSON.write(value) else {
            return .string(text)
        }
        return .raw(bytes)
    }
}
