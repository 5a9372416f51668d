import Foundation
import HoldfastCoordination
import HoldfastProfiles
import HoldfastStorage
import HoldfastWorlds

/// Writes into the journal what the coordinator says of its sessions, and counts it.
struct JournalObserver: SessionObserver {
    /// The part of the document that the verifier judges.
    private struct Balance: Decodable {
        let coins, earned, rewarded, tradedIn, tradedOut: Int64
        /// Of a world only.
        let builds: Int64?
    }

    private struct WorldFields: Decodable {
        let metadata: Balance
    }

    let journal: DemoJournal
    let counters: DemoCounters

    func opened(_ session: SessionDescription, opening: Opening, document: any Sendable) {
        let world = document as? World
        let coins = world?.counted("coins") ?? Int64((document as? DemoPlayer)?.coins ?? 0)
        journal.write(
            "opened",
            [
                ("key", "\(session.id.key)"), ("version", .integer(session.version)),
                ("fence", .integer(session.token)), ("owner", "\(session.nonce)"),
                ("how", .string(Self.way(opening.origin).rawValue)), ("coins", .integer(coins)),
            ])
        if let world { entered(world, session) }
    }

    /// What a server finds in a world; a chunk that it cannot read has block -1.
    private func entered(_ world: World, _ session: SessionDescription) {
        var fields: [(String, OutputValue)] = [
            ("key", "\(session.id.key)"), ("version", .integer(session.version)),
            ("builds", .integer(world.counted("builds"))), ("coins", .integer(world.counted("coins"))),
        ]
        for chunk in 1...DemoWorld.builtChunks {
            let block = (try? world.block(at: DemoWorld.mark(in: chunk))).map { Int64($0) } ?? -1
            if block != 0 { fields.append(("marker\(chunk)", .integer(block))) }
        }
        let chest = try? world.chest(at: DemoWorld.chest)
        fields.append(("chest", .integer((try? chest?.slot(0).count) ?? 0)))
        journal.write("entered", fields)
    }

    func saved(_ id: RecordID, receipt: SaveReceipt, document: [UInt8], applied: [OperationID]) {
        let balance = Self.balance(of: document)
        if receipt.wrote, let saveID = receipt.saveID, let balance {
            var fields: [(String, OutputValue)] = [
                ("key", "\(id.key)"), ("version", .integer(receipt.version)), ("fence", .integer(receipt.fence)),
                ("owner", "\(receipt.nonce)"), ("saveID", "\(saveID)"), ("coins", .integer(balance.coins)),
                ("earned", .integer(balance.earned)), ("rewarded", .integer(balance.rewarded)),
                ("tradedIn", .integer(balance.tradedIn)), ("tradedOut", .integer(balance.tradedOut)),
            ]
            if let builds = balance.builds { fields.append(("builds", .integer(builds))) }
            journal.write("saved", fields)
        }
        for operation in applied {
            journal.write(
                "applied", [("key", "\(id.key)"), ("id", "\(operation)"), ("version", .integer(receipt.version))])
        }
        counters.update { counts in
            if receipt.wrote { counts.saves += 1 }
            counts.applied += applied.count
            counts.appliedIDs += applied.map(\.description)
        }
        if receipt.wrote, balance?.builds != nil { counters.updateShared { $0.worldSaves += 1 } }
    }

    /// A world keeps it in its metadata.
    private static func balance(of document: [UInt8]) -> Balance? {
        let decoder = JSONDecoder()
        return (try? decoder.decode(Balance.self, from: Data(document)))
            ?? (try? decoder.decode(WorldFields.self, from: Data(document)))?.metadata
    }

    func refused(_ id: RecordID, version: Int64, fence: Int64, nonce: RandomID, found: RowState?) {
        journal.write(
            "refused",
            [
                ("key", "\(id.key)"), ("version", .integer(version)), ("fence", .integer(fence)),
                ("owner", "\(nonce)"),
            ])
        counters.update { $0.refused += 1 }
    }

    func ended(_ id: RecordID, fence: Int64, nonce: RandomID, end: SessionEnd) {
        journal.write(
            "ended",
            [
                ("key", "\(id.key)"), ("owner", "\(nonce)"), ("fence", .integer(fence)),
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
