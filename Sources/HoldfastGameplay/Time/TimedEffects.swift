public import HoldfastStorage

/// The effects on a player, by name.
///
/// An effect acts until just before its end. One that is over counts as absent, whether or not ``expire(at:)`` has
/// removed it. In JSON `{"haste":{"givenAtMillis":…,"endsAtMillis":…,"stacks":1}}`.
public struct TimedEffects: Hashable, Sendable {
    /// How many may be active at a time.
    public static var maximumCount: Int { 128 }
    /// The most bytes of an effect's data as canonical JSON.
    public static var maximumDataBytes: Int { 4_096 }

    private var effects: [String: TimedEffect] = [:]

    /// No effects.
    public init() {}

    /// Gives an effect.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of the characters `A–Z a–z 0–9 _ . : / -`.
    ///   - duration: 1 ms to ten years. However often an effect is extended, it ends at most ten years from now.
    ///   - rule: What happens where one of that name is active; where none is, all but the stacks' bound are alike.
    ///   - stacks: From 1; more than `maximumStacks` are cut to it, together with those that are there.
    ///   - data: Kept with the effect in place of what was kept before.
    ///   - nowMillis: The server's clock, in milliseconds since 1970.
    /// - Returns: The effect as it is now; with `ignore` the one that was there.
    /// - Throws: ``GameplayError``: `badInput`; `full` when ``maximumCount`` others are active.
    @discardableResult
    public mutating func give(
        _ name: String, for duration: Duration, _ rule: TimedEffect.Rule = .refresh, stacks: Int = 1,
        maximumStacks: Int = TimedEffect.maximumStacks, data: JSONValue? = nil, at nowMillis: Int64
    ) throws(GameplayError) -> TimedEffect {
        try Checks.name(name, "an effect's name")
        try Checks.time(nowMillis)
        let millis = try Checks.millis(of: duration, "an effect")
        let possible = 1...TimedEffect.maximumStacks
        guard possible.contains(stacks), possible.contains(maximumStacks) else {
            throw GameplayError(.badInput, "an effect has 1 to \(TimedEffect.maximumStacks) stacks")
        }
        if let data {
            guard let bytes = try? CanonicalJSON.write(data), bytes.count <= Self.maximumDataBytes else {
                throw GameplayError(.badInput, "an effect's data has at most \(Self.maximumDataBytes) bytes of JSON")
            }
        }
        let current = self[name, at: nowMillis]
        guard current != nil || active(at: nowMillis).count < Self.maximumCount else {
            throw GameplayError(.full, "\(Self.maximumCount) effects are active")
        }
        if let current, rule == .ignore { return current }
        _ = expire(at: nowMillis)
        let start = rule == .extend || rule == .stack ? current?.endsAtMillis ?? nowMillis : nowMillis
        let total =
            switch (rule, current) {
            case (.refresh, let current?), (.extend, let current?): current.stacks
            case (.stack, let current?): current.stacks + stacks
            default: stacks
            }
        let effect = TimedEffect(
            givenAtMillis: nowMillis, endsAtMillis: min(start + millis, nowMillis + Checks.longestMillis),
            stacks: min(total, maximumStacks), data: data)
        effects[name] = effect
        return effect
    }

    /// The effect of a name; nil when it is not active.
    public subscript(name: String, at nowMillis: Int64) -> TimedEffect? {
        effects[name].flatMap { $0.endsAtMillis > nowMillis ? $0 : nil }
    }

    /// The effects that are active, by name.
    public func active(at nowMillis: Int64) -> [String: TimedEffect] {
        effects.filter { $0.value.endsAtMillis > nowMillis }
    }

    /// Takes an effect away; nil when none is there.
    @discardableResult
    public mutating func remove(_ name: String) -> TimedEffect? {
        effects.removeValue(forKey: name)
    }

    /// Takes away what is over.
    ///
    /// - Returns: What was taken, the first to end first, then by name.
    @discardableResult
    public mutating func expire(at nowMillis: Int64) -> [(name: String, effect: TimedEffect)] {
        let ended = effects.filter { $0.value.endsAtMillis <= nowMillis }
        for name in ended.keys { effects[name] = nil }
        return ended.map { ($0.key, $0.value) }.sorted { ($0.1.endsAtMillis, $0.0) < ($1.1.endsAtMillis, $1.0) }
    }

    /// When the first of the active effects ends, in milliseconds since 1970; nil when none is active.
    public func nextEnd(at nowMillis: Int64) -> Int64? {
        active(at: nowMillis).values.map(\.endsAtMillis).min()
    }
}

extension TimedEffects: Codable {
    /// Reads an object of effects.
    ///
    /// - Throws: `DecodingError` for times or stacks outside their limits.
    public init(from decoder: any Decoder) throws {
        effects = try [String: TimedEffect](from: decoder)
        let latest = Checks.lastMillis + Checks.longestMillis
        guard
            effects.values.allSatisfy({
                (0...latest).contains($0.endsAtMillis) && (1...TimedEffect.maximumStacks).contains($0.stacks)
            })
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "an effect is outside its limits"))
        }
    }

    /// Writes an object of effects.
    public func encode(to encoder: any Encoder) throws {
        try effects.encode(to: encoder)
    }
}
