import Foundation
import GRDB
import HoldfastStorage

/// Worlds, each of which is a record with parts.
extension History {
    static let ownWorld = "3:main"

    /// Player 3 builds five times, puts 50 coins into the chest and takes 20 out again; her world hops once.
    func build() throws -> (holder: Holder, world: BuiltWorld, player: Holder) {
        var world = BuiltWorld()
        let player = try open("3", on: "s1")
        try save(player) { $0.earned += 100 }
        let first = try openWorld(world, on: "s1")
        world.builds = 3
        try save(world, by: first)
        world.tradedIn = 50
        try save(player) { $0.tradedOut += 50 }
        try save(world, by: first)
        journalTrade(50, from: player, to: first)
        try save(world, by: first, releases: true)
        journal("ended", by: first, #""reason":"handed over to s2""#)
        let second = try openWorld(world, on: "s2", version: first.version)
        world.builds = 5
        world.tradedOut = 20
        try save(world, by: second)
        try save(player) { $0.tradedIn += 20 }
        journalTrade(20, from: second, to: player)
        return (second, world, player)
    }

    /// Seals the world's row, and writes what the server finds.
    func openWorld(
        _ world: BuiltWorld, _ key: String = History.ownWorld, on process: String, version: Int64 = 0
    ) throws -> Holder {
        let holder = Holder(
            key: key, process: process, owner: .random(), fence: now, version: version, player: Player())
        try database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO record
                        (deployment, collection, key, version, fence, owner_nonce, created_at, updated_at)
                    VALUES (1, 'players-worlds', ?, 0, ?, ?, 0, 0)
                    ON CONFLICT (deployment, collection, key)
                    DO UPDATE SET fence = excluded.fence, owner_nonce = excluded.owner_nonce
                    """, arguments: [Data(holder.key.utf8), holder.fence, Data(holder.owner.bytes)])
        }
        journal("opened", by: holder, #""version":\#(version),"how":"free","coins":\#(world.coins)"#)
        enter(world, by: holder)
        return holder
    }

    /// Writes what a server finds in fields and chunks.
    func enter(_ world: BuiltWorld, by holder: Holder, markers: [Int64: Int64]? = nil, chest: Int64? = nil) {
        let found = (markers ?? world.markers).map { #","marker\#($0.key)":\#($0.value)"# }.joined()
        journal(
            "entered", by: holder,
            """
            "version":\(holder.version),"builds":\(world.builds),"coins":\(world.coins),\
            "chest":\(chest ?? world.coins)\(found)
            """)
    }

    /// Lets a player into a world.
    func visit(_ holder: Holder, on process: String) {
        line(#""kind":"visited","key":"\#(holder.key)","owner":"\#(holder.owner)""#, of: process)
    }

    /// Commits fields and chunks, or only some of these, and acknowledges.
    func save(
        _ world: BuiltWorld, by holder: Holder, releases: Bool = false, isAcknowledged: Bool = true,
        writes: (Int64) -> Bool = { _ in true }
    ) throws {
        holder.version += 1
        let saveID = RandomID.random()
        let payload = try Payload.encode(canonical: world.document)
        let chunks = try world.chunks()
        try database.write { database in
            try database.execute(
                sql: """
                    UPDATE record SET version = ?, save_id = ?, payload = ?, checksum = ?, document_bytes = ?,
                        owner_nonce = CASE WHEN ? THEN NULL ELSE owner_nonce END
                    WHERE key = ?
                    """,
                arguments: [
                    holder.version, Data(saveID.bytes), Data(payload.bytes), Int64(bitPattern: payload.checksum),
                    payload.documentBytes, releases, Data(holder.key.utf8),
                ])
            for (number, chunk) in chunks where writes(number) {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO part VALUES (1, 'players-worlds', ?, ?, ?, ?, ?)",
                    arguments: [
                        Data(holder.key.utf8), Data("chunk/\(number),0".utf8), holder.version,
                        Int64(bitPattern: chunk.checksum), Data(chunk.bytes),
                    ])
            }
        }
        if isAcknowledged { acknowledge(world, by: holder, saveID) }
    }

    func acknowledge(_ world: BuiltWorld, by holder: Holder, _ saveID: RandomID = .random()) {
        journal("saved", by: holder, #""version":\#(holder.version),"saveID":"\#(saveID)",\#(world.balance)"#)
    }
}
