import HoldfastGameplay

/// Items are numbers, as in worlds of blocks.
extension ItemID {
    static let wood: ItemID = 5
    static let lantern: ItemID = 50
    static let sword: ItemID = 267
}
