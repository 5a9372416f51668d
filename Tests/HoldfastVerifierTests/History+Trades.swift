import Foundation
import HoldfastStorage

/// Trades whose sides are on two servers, two records each.
extension History {
    /// Players 3 and 4 with 100 coins each, on two servers.
    func meet() throws -> (near: Holder, far: Holder) {
        let (near, far) = (try open("3", on: "s1"), try open("4", on: "s2"))
        for holder in [near, far] { try save(holder) { $0.earned += 100 } }
        return (near, far)
    }

    /// The near side sets its coins aside and notes the trade.
    func begin(_ trade: String, near: Holder, far: Holder, coins: Int64) throws {
        try save(near) { $0.tradedOut += coins }
        try step("leg", of: trade, for: far.key, type: "holdfast.trade.leg", coins: 0)
        try sql("INSERT INTO log_entry VALUES (5, \(now), x'\(Self.name(trade))', x'00')")
    }

    /// The far side pays and gets, and decides; the near side is given its part.
    func commit(
        _ trade: String, near: Holder, far: Holder, coins: Int64, back: Int64, isDecided: Bool = true
    ) throws {
        try save(far, applying: ["trade:\(trade):leg"]) {
            $0.tradedOut += back
            $0.tradedIn += coins
        }
        try step("give", of: trade, for: near.key, type: "demo.receive", coins: back)
        if isDecided { try decide(trade, "committed") }
    }

    /// The far side refuses, or is not heard of in time.
    func abort(_ trade: String, near: Holder, coins: Int64, isRefunded: Bool = true) throws {
        try settle("trade:\(trade):leg", "cancelled")
        if isRefunded { try step("refund", of: trade, for: near.key, type: "demo.receive", coins: coins) }
        try decide(trade, "aborted")
    }

    /// A player takes what a trade gave.
    func receive(_ step: String, of trade: String, _ holder: Holder, coins: Int64) throws {
        try save(holder, applying: ["trade:\(trade):\(step)"]) { $0.tradedIn += coins }
    }

    func decide(_ trade: String, _ verdict: String) throws {
        try sql("INSERT INTO decision VALUES (1, x'\(Self.name(trade))', '\(verdict)')")
    }

    func end(_ trade: String, _ outcome: String) {
        line(#""kind":"tradeEnded","id":"\#(trade)","outcome":"\#(outcome)""#, of: "s1")
    }

    private func step(_ step: String, of trade: String, for key: String, type: String, coins: Int64) throws {
        try sql(
            """
            INSERT INTO operation (deployment, collection, key, id, type, payload, state, attempts, delivered_at)
            VALUES (1, 'players', CAST('\(key)' AS BLOB), CAST('trade:\(trade):\(step)' AS BLOB), '\(type)',
                CAST('{"coins":\(coins)}' AS BLOB), 'pending', 0, 0)
            """)
    }

    private static func name(_ trade: String) -> String { RandomID(hashing: "trade:\(trade)").description }
}
