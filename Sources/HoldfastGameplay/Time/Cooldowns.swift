/// What a player has to wait for, by name.
///
/// At most ``maximumCount`` run at a time; those that are over make room. Where a server's clock is behind the one that
/// started a cooldown, nobody waits longer than its whole duration.
///
/// In JSON `{"dash":{"readyAtMillis":…,"durationMillis":…}}`.
public struct Cooldowns: Hashable, Sendable {
    /// How many may run at a time.
    public static var maximumCount: Int { 256 }

    private struct Entry: Hashable, Sendable, Codable {
        let readyAtMillis: Int64
        let durationMillis: Int64
    }

    private var entries: [String: Entry] = [:]

    /// Nothing to wait for.
    public init() {}

    /// Uses what has a cooldown, if it is ready, and begins to wait anew.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of the characters `A–Z a–z 0–9 _ . : / -`.
    ///   - duration: How long it is not ready then: 1 ms to ten years.
    ///   - nowMillis: The server's clock, in milliseconds since 1970.
    /// - Returns: Whether it was ready; if not, nothing has changed.
    /// - Throws: ``GameplayError``: `badInput`, `full`.
    public mutating func use(
        _ name: String, for duration: Duration, at nowMillis: Int64
    ) throws(GameplayError) -> Bool {
        guard try isReady(name, at: nowMillis) else { return false }
        try start(name, for: duration, at: nowMillis)
        return true
    }

    /// Begins a cooldown, whether or not one is under way.
    ///
    /// - Throws: ``GameplayError`` as ``use(_:for:at:)``.
    public mutating func start(_ name: String, for duration: Duration, at nowMillis: Int64) throws(GameplayError) {
        try Checks.name(name, "a cooldown's name")
        try Checks.time(nowMillis)
        let millis = try Checks.millis(of: duration, "a cooldown")
        let running = entries.filter { Self.remaining($0.value, nowMillis) > 0 }
        guard running[name] != nil || running.count < Self.maximumCount else {
            throw GameplayError(.full, "\(Self.maximumCount) cooldowns are running")
        }
        entries = running
        entries[name] = Entry(readyAtMillis: nowMillis + millis, durationMillis: millis)
    }

    /// How long there is to wait; zero when it is ready.
    ///
    /// - Throws: ``GameplayError`` with code `badInput` for a time outside the years 1970 to 9999.
    public func remaining(_ name: String, at nowMillis: Int64) throws(GameplayError) -> Duration {
        try Checks.time(nowMillis)
        return .milliseconds(entries[name].map { Self.remaining($0, nowMillis) } ?? 0)
    }

    /// Whether there is nothing to wait for.
    ///
    /// - Throws: ``GameplayError`` as ``remaining(_:at:)``.
    public func isReady(_ name: String, at nowMillis: Int64) throws(GameplayError) -> Bool {
        try remaining(name, at: nowMillis) == .zero
    }

    /// Ends a cooldown early; false when it was ready.
    ///
    /// - Throws: ``GameplayError`` as ``remaining(_:at:)``.
    @discardableResult
    public mutating func clear(_ name: String, at nowMillis: Int64) throws(GameplayError) -> Bool {
        let wasReady = try isReady(name, at: nowMillis)
        entries[name] = nil
        return !wasReady
    }

    private static func remaining(_ entry: Entry, _ nowMillis: Int64) -> Int64 {
        max(0, min(entry.readyAtMillis - nowMillis, entry.durationMillis))
    }
}

extension Cooldowns: Codable {
    /// Reads an object of cooldowns.
    ///
    /// - Throws: `DecodingError` for times outside their limits.
    public init(from decoder: any Decoder) throws {
        entries = try [String: Entry](from: decoder)
        let latest = Checks.lastMillis + Checks.longestMillis
        guard entries.values.allSatisfy({ (0...latest).contains($0.readyAtMillis) && $0.durationMillis >= 0 }) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a cooldown's times are outside their limits"))
        }
    }

    /// Writes an object of cooldowns.
    public func encode(to encoder: any Encoder) throws {
        try entries.encode(to: encoder)
    }
}
