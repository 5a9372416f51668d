public import HoldfastStorage

/// Items of one kind that lie together: at least one, at most ``limit``.
///
/// Two stacks are of one kind when ``id`` and ``metadata`` are equal; the limit of the stack that receives decides how
/// much goes in. What makes an item different from others of its id (durability, an engraving) belongs into its
/// metadata: it moves with the item.
public struct ItemStack: Hashable, Sendable {
    /// The limit of a stack that is given none: 64.
    public static var defaultLimit: Int { 64 }
    /// The highest limit of a stack.
    public static var maximumLimit: Int { 1_000_000 }
    /// The most bytes of metadata as canonical JSON.
    public static var maximumMetadataBytes: Int { 4_096 }

    /// What the items are.
    public let id: ItemID
    /// How many there are: 1 to ``limit``.
    public internal(set) var count: Int
    /// How many may lie together: 1 to ``maximumLimit``.
    public let limit: Int
    /// A JSON object; nil instead of an empty one.
    public let metadata: JSONValue?

    /// Makes a stack.
    ///
    /// - Throws: ``GameplayError``: `negativeAmount`; `overStackLimit` for a count above the limit; `badInput` for a
    ///   count of 0, a limit outside 1 to ``maximumLimit``, a bad id, metadata that is no object or over 4 KiB.
    public init(
        _ id: ItemID, count: Int = 1, limit: Int = defaultLimit, metadata: JSONValue? = nil
    ) throws(GameplayError) {
        try id.check()
        try Checks.amount(count)
        guard (1...Self.maximumLimit).contains(limit) else {
            throw GameplayError(.badInput, "a stack's limit is 1 to \(Self.maximumLimit), unlike \(limit)")
        }
        guard count > 0 else { throw GameplayError(.badInput, "a stack holds at least one item; no items are a slot") }
        guard count <= limit else {
            throw GameplayError(.overStackLimit, "\(count) of \(id) do not fit into a stack of \(limit)")
        }
        self.id = id
        self.count = count
        self.limit = limit
        self.metadata = try Self.checked(metadata)
    }

    /// Whether items of both may lie in one stack.
    public func isOfOneKind(with other: ItemStack) -> Bool { id == other.id && metadata == other.metadata }

    /// Why items of another stack cannot be put on this one; nil when they can.
    func refusal(of other: ItemStack) -> GameplayError? {
        if id != other.id { return GameplayError(.itemMismatch, "\(other.id) cannot lie with \(id)") }
        if metadata != other.metadata {
            return GameplayError(.metadataMismatch, "these \(id) differ in their metadata")
        }
        return nil
    }

    /// The same items in another number, which must be right.
    func with(count: Int) -> ItemStack {
        var stack = self
        stack.count = count
        return stack
    }

    private static func checked(_ metadata: JSONValue?) throws(GameplayError) -> JSONValue? {
        guard let metadata else { return nil }
        guard let object = metadata.object else {
            throw GameplayError(.badInput, "an item's metadata is a JSON object, not \(metadata.kind)")
        }
        guard let bytes = try? CanonicalJSON.write(metadata), bytes.count <= maximumMetadataBytes else {
            throw GameplayError(.badInput, "an item's metadata has at most \(maximumMetadataBytes) bytes of JSON")
        }
        return object.isEmpty ? nil : metadata
    }
}
