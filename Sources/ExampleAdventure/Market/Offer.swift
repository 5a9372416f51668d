import Holdfast
import HoldfastGameplay

/// Items of one player for coins of another.
struct Offer {
    /// Names the offer for ever: it is carried out once, or never.
    var id: String
    var seller: Key
    var buyer: Key
    var item: ItemID
    var count: Int
    /// In coins.
    var price: Int64
    /// Milliseconds since 1970.
    var madeAt: Int64
}
