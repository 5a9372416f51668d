/// A player document of the demo, as the tests write it.
struct Player {
    var earned: Int64 = 0
    var rewarded: Int64 = 0
    var rewards: Int64 = 0
    var tradedIn: Int64 = 0
    var tradedOut: Int64 = 0
    /// Coins besides those that the sources add up to; zero in a correct run.
    var unexplained: Int64 = 0

    var coins: Int64 { earned + rewarded + tradedIn - tradedOut + unexplained }

    /// The members that a `saved` line shares with the document.
    var balance: String {
        """
        "coins":\(coins),"earned":\(earned),"rewarded":\(rewarded),"tradedIn":\(tradedIn),"tradedOut":\(tradedOut)
        """
    }

    /// The document; long enough that the codec compresses it.
    var document: [UInt8] {
        Array("{\(balance),\"name\":\"\(String(repeating: "Zoë ", count: 80))\",\"rewards\":\(rewards)}".utf8)
    }
}
