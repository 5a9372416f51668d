import HoldfastStorage

/// Limits and lives that every backend shares, and the checks of what callers pass in.
enum BackendLimits {
    /// The longest server id, in bytes of UTF-8.
    static let serverBytes = 256
    /// The longest status of a beat, in bytes of UTF-8.
    static let statusBytes = 8_192
    /// The most messages that wait in one inbox.
    static let inboxMessages = 10_000
    /// How long an inbox outlives the last message put into it.
    static let inboxLifeMillis: Int64 = 60_000
    /// The most messages that one call takes from an inbox.
    static let receiveBatch = 1_000
    /// How long a repeated release gets the answer of the first.
    static let latchLifeMillis: Int64 = 30_000
    /// Tokens stay below 2^53, so that Lua's and JSON's doubles hold them exactly.
    static let largestToken: Int64 = (1 << 53) - 1
    /// The longest lease, beat or time to live.
    static let longestMillis: Int64 = 400 * 24 * 3_600_000
    /// How long a token counter outlives its last use; losing it costs one more round trip.
    static let counterLife = Duration.seconds(30 * 24 * 3_600)

    /// Returns a life in milliseconds.
    ///
    /// - Throws: ``CoordinationError`` with code `badInput` below 1 ms and above 400 days.
    static func millis(_ duration: Duration, _ name: String) throws(CoordinationError) -> Int64 {
        guard duration >= .milliseconds(1), duration <= .milliseconds(longestMillis) else {
            throw CoordinationError(.badInput, "the \(name) must be between 1 ms and 400 days, not \(duration)")
        }
        return duration.wholeMillis
    }

    static func check(server: String) throws(CoordinationError) {
        guard (1...serverBytes).contains(server.utf8.count) else {
            throw CoordinationError(
                .badInput, "a server id has 1 to \(serverBytes) bytes, not \(server.utf8.count)"
            )
        }
    }

    static func check(floor: Int64) throws(CoordinationError) {
        guard (0..<largestToken).contains(floor) else {
            throw CoordinationError(.badInput, "the floor must be from 0 to 2^53 - 2, not \(floor)")
        }
    }

    static func check(token: Int64) throws(CoordinationError) {
        guard (0...largestToken).contains(token) else {
            throw CoordinationError(.badInput, "a token is from 0 to 2^53 - 1, not \(token)")
        }
    }

    static func check(_ hot: HotCopy) throws(CoordinationError) {
        guard !hot.payload.isEmpty, (0...largestToken).contains(hot.reference.version), hot.documentBytes >= 0 else {
            throw CoordinationError(.badInput, "a hot copy needs a payload, a version and the size of its document")
        }
    }

    /// Checks a beat, and brings its durations to whole milliseconds that are not negative.
    static func normalized(_ beat: ServerBeat) throws(CoordinationError) -> ServerBeat {
        try check(server: beat.server)
        guard (0...largestToken).contains(beat.number), beat.sessions >= 0, beat.doubtful >= 0 else {
            throw CoordinationError(.badInput, "the numbers of a beat must not be negative, nor exceed 2^53 - 1")
        }
        guard beat.status.utf8.count <= statusBytes else {
            throw CoordinationError(
                .badInput, "a server's status has at most \(statusBytes) bytes, not \(beat.status.utf8.count)"
            )
        }
        var beat = beat
        beat.unsavedAge = .milliseconds(max(beat.unsavedAge.wholeMillis, 0))
        beat.leaseMargin = beat.leaseMargin.map { .milliseconds(max($0.wholeMillis, 0)) }
        beat.age = .zero
        return beat
    }
}

extension Duration {
    /// Whole milliseconds, the rest cut off; at most 400 days either way.
    var wholeMillis: Int64 {
        let limit = Duration.milliseconds(BackendLimits.longestMillis)
        let (seconds, attoseconds) = min(max(self, .zero - limit), limit).components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
