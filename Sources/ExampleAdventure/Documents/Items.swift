import HoldfastGameplay

/// Items are numbers, as in worlds of blocks.
extension ItemID {
    static let wood: ItemID = 5
    static let gravel: ItemID = 13
    static let lantern: ItemID = 50
    static let sword: ItemID = 267
    static let bread: ItemID = 297
}

extension ItemStack {
    /// Whether it is told by item and count alone: nothing is engraved, and it lies in stacks of the usual size.
    var isPlain: Bool { metadata == nil && limit == Self.defaultLimit }
}
