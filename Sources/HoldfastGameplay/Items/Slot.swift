import HoldfastStorage

/// One place of an inventory: explicitly empty, or with one stack.
///
/// In JSON `{"itemId":5,"count":64,"maxStack":64,"metadata":{…}}`, without `metadata` where there is none, and
/// `{"itemId":0,"count":0}` for an empty one. A document without `maxStack` gets ``ItemStack/defaultLimit``, or the
/// count where that is higher.
public enum Slot: Hashable, Sendable {
    case empty
    case holding(ItemStack)

    /// What lies here; nil when the slot is empty.
    public var stack: ItemStack? {
        if case .holding(let stack) = self { stack } else { nil }
    }

    /// Whether nothing lies here.
    public var isEmpty: Bool { stack == nil }

    /// How many items of a stack there is room for.
    func room(for items: ItemStack) -> Int {
        guard let stack else { return items.limit }
        return stack.isOfOneKind(with: items) ? stack.limit - stack.count : 0
    }

    /// Puts `count` items of a kind here, for which there must be room.
    mutating func put(_ count: Int, of items: ItemStack) {
        guard count > 0 else { return }
        self = .holding(stack.map { $0.with(count: $0.count + count) } ?? items.with(count: count))
    }

    /// Takes `count` items away, which must be here.
    mutating func take(_ count: Int) {
        guard let stack else { return }
        self = stack.count == count ? .empty : .holding(stack.with(count: stack.count - count))
    }
}

extension Slot: Codable {
    private enum CodingKeys: String, CodingKey {
        case itemId, count, maxStack, metadata
    }

    /// Reads a slot.
    ///
    /// - Throws: `DecodingError` for a stack that ``ItemStack/init(_:count:limit:metadata:)`` refuses.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // All keys are asked for, so that none of an empty slot passes for one that a newer build has written.
        let id = try container.decode(ItemID.self, forKey: .itemId)
        let count = try container.decode(Int.self, forKey: .count)
        let limit = try container.decodeIfPresent(Int.self, forKey: .maxStack)
        let metadata = try container.decodeIfPresent(JSONValue.self, forKey: .metadata)
        guard count != 0 else {
            self = .empty
            return
        }
        guard !id.isNone else {
            throw DecodingError.dataCorruptedError(
                forKey: .count, in: container, debugDescription: "\(count) items of no kind")
        }
        do {
            let stack = try ItemStack(
                id, count: count, limit: limit ?? max(ItemStack.defaultLimit, count),
                // What other languages write for an empty table.
                metadata: metadata == [] ? nil : metadata)
            self = .holding(stack)
        } catch {
            throw DecodingError.dataCorruptedError(forKey: .itemId, in: container, debugDescription: "\(error)")
        }
    }

    /// Writes a slot.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(stack?.id ?? .number(0), forKey: .itemId)
        try container.encode(stack?.count ?? 0, forKey: .count)
        try container.encodeIfPresent(stack?.limit, forKey: .maxStack)
        try container.encodeIfPresent(stack?.metadata, forKey: .metadata)
    }
}
