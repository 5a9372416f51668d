import Foundation
import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage

/// Writes into the journal what the coordinator says of its sessions, and counts it.
struct JournalObserver: SessionObserver {
    /// The part of the document that the verifier judges.
    private struct Balance: Decodable {
        let coins, earned, rewarded, tradedIn, tradedOut: Int64
    }

    let journal: DemoJournal
    let counters: DemoCounters

    func opened(_ session: SessionDescription, opening: Opening, document: any Sendable) {
        let player = document as? DemoPlayer
        journal.write(
            "opened",
            [
                ("key", .string("\(session.id.key)")), ("version", .integer(session.version)),
                ("fence", .integer(session.token)), ("owner", .string("\(session.nonce)")),
                ("how", .string(Self.way(opening.origin).rawValue)), ("coins", .integer(Int64(player?.coins ?? 0))),
            ])
    }

    func saved(_ id: RecordID, receipt: SaveReceipt, document: [UInt8], applied: [OperationID]) {
        if receipt.wrote, let saveID = receipt.saveID,
            let balance = try? JSONDecoder().decode(Balance.self, from: Data(document))
        {
            journal.write(
                "saved",
                [
                    ("key", .string("\(id.key)")), ("version", .integer(receipt.version)),
                    ("fence", .integer(receipt.fence)), ("owner", .string("\(receipt.nonce)")),
                    ("saveID", .string("\(saveID)")), ("coins", .integer(balance.coins)),
                    ("earned", .integer(balance.earned)), ("rewarded", .integer(balance.rewarded)),
                    ("tradedIn", .integer(balance.tradedIn)), ("tradedOut", .integer(balance.tradedOut)),
                ])
        }
        for operation in applied {
            journal.write(
                "applied",
                [
                    ("key", .string("\(id.key)")), ("id", .string("\(operation)")),
                    ("version", .integer(receipt.version)),
                ])
        }
        counters.update { counts in
            if receipt.wrote { counts.saves += 1 }
            counts.applied += applied.count
            counts.appliedIDs += applied.map(\.description)
        }
    }

    func refused(_ id: RecordID, version: Int64, fence: Int64, nonce: RandomID, found: RowState?) {
        journal.write(
            "refused",
            [
                ("key", .string("\(id.key)")), ("version", .integer(version)), ("fence", .integer(fence)),
                ("owner", .string("\(nonce)")),
            ])
        counters.update { $0.refused += 1 }
    }

    func ended(_ id: RecordID, fence: Int64, nonce: RandomID, end: SessionEnd) {
        journal.write(
            "ended",
            [
                ("key", .string("\(id.key)")), ("owner", .string("\(nonce)")), ("fence", .integer(fence)),
                ("reason", .string(Self.words(end))),
            ])
    }

    func ambiguous(_ id: RecordID) {
        counters.update { $0.ambiguous += 1 }
    }

    /// How a session came to its server, as journals and reports say it.
    static func way(_ origin: ClaimMachine.Origin) -> ServerReport.Way {
        switch origin {
        case .free: .free
        case .handOver: .handOver
        case .takeOver: .takeOver
        }
    }

    /// Why a session ended, as journals and reports say it.
    static func words(_ end: SessionEnd) -> String {
        switch end {
        case .closed: "closed"
        case .handedOver(let server): "handed over to \(server)"
        case .drained: "drained"
        case .released: "released by an operator"
        case .deleted: "deleted"
        case .lost(let reason): "lost: \(reason.rawValue)"
        }
    }
}
