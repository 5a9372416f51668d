import HoldfastProfiles
import HoldfastStorage
import Testing

@Suite("Repairing damaged records", .timeLimit(.minutes(2)))
struct RepairTests {
    private struct Setting {
        let fleet: Fleet
        let server: Server
        let id: RecordID

        init() async throws {
            fleet = try await Fleet()
            server = try await fleet.server("a")
            id = RecordID(collection: server.players.name, key: try Key("1"))
        }

        /// Saves so many coins and keeps that version.
        func save(_ coins: Int) async throws {
            try await server.players.withSession(for: id.key) { session in try session.edit { $0.coins = coins } }
            _ = try await fleet.store.keepCurrent(of: id, reason: "test")
        }

        /// Writes what no session would, over the record as it stands.
        func write(_ content: Content, parts: [PartWrite] = []) async throws {
            let row = try await fleet.store.read(id)
            let owner = Owner(nonce: .random(), server: "x", boot: .random())
            let token = (row?.fence ?? 0) + 1
            _ = try await fleet.store.execute([.seal(SealRequest(id: id, token: token, owner: owner))])
            var write = RecordWrite(
                id: id, fence: token, nonce: owner.nonce, version: row?.version ?? 0, saveID: .random(),
                change: .content(content), releases: true)
            write.parts = parts
            let replies = try await fleet.store.execute([.commit(CommitRequest(writes: [write]))])
            #expect(replies == [.commit(.committed)])
        }
    }

    private static func content(_ text: String, damaged: Bool = false) throws -> Content {
        let payload = try Payload.encode(canonical: Array(text.utf8))
        return Content(
            payload: Payload(
                bytes: payload.bytes, checksum: damaged ? payload.checksum ^ 1 : payload.checksum,
                documentBytes: payload.documentBytes), schema: 1)
    }

    private static let sound = #"{"coins":9,"inventory":[],"rewards":0}"#

    @Test("the newest version that can be read comes back, and the damaged bytes are kept")
    func document() async throws {
        let setting = try await Setting()
        for coins in [1, 2] { try await setting.save(coins) }
        let damaged = try Self.content(Self.sound, damaged: true)
        // Kept damaged, too: passed over.
        try await setting.write(damaged)
        _ = try await setting.fleet.store.keepCurrent(of: setting.id, reason: "test")
        try await setting.write(damaged)
        let players = setting.server.players
        let refused = await #expect(throws: ProfileError.self) { _ = try await players.open(setting.id.key) }
        #expect(refused?.code == .corrupt)
        let damage = try await players.damage(of: setting.id.key)
        #expect(damage.document != nil && damage.versions == [3] && damage.parts.isEmpty)
        var found: [RecordDamage] = []
        let scanned = try await RecordDamage.scan(players.name, in: setting.fleet.store) { found.append($0) }
        #expect(scanned == 1 && found == [damage])

        let receipt = try await players.repair(setting.id.key)
        #expect(receipt.source == .version(2) && receipt.version == 5 && receipt.quarantined == 4)
        #expect(try await players.read(setting.id.key)?.document.coins == 2)
        let kept = try await setting.fleet.store.historyContent(of: setting.id, version: 4)
        #expect(kept?.payload == damaged.payload)
        #expect(try await players.damage(of: setting.id.key).versions == [3])
        // A sound record is left alone.
        let again = try await players.repair(setting.id.key)
        #expect(again.source == .untouched && again.version == 5 && again.quarantined == nil)
        try await setting.server.drain()
    }

    @Test("where no version can be read nothing is changed, and the lease is given back")
    func nothingLeft() async throws {
        let setting = try await Setting()
        try await setting.write(try Self.content(Self.sound, damaged: true))
        let before = try await setting.fleet.store.read(setting.id)
        let error = await #expect(throws: ProfileError.self) {
            _ = try await setting.server.players.repair(setting.id.key)
        }
        #expect(error?.code == .corrupt)
        let after = try await setting.fleet.store.read(setting.id)
        #expect(after?.content == before?.content && after?.version == before?.version)
        #expect(try await setting.fleet.backend.inspect(setting.id) == nil)
        let missing = await #expect(throws: ProfileError.self) {
            _ = try await setting.server.players.repair(Key("none"))
        }
        #expect(missing?.code == .notFound)
        try await setting.server.drain()
    }

    @Test("damaged parts go only where that is asked for, and their bytes are kept")
    func parts() async throws {
        let setting = try await Setting()
        let large = [UInt8](repeating: 7, count: 1_000_000)
        let parts = try ["a", "b", "c", "d", "e"].map { name in
            PartWrite(
                name: try PartName(name),
                payload: name == "b" ? PartPayload([1]) : PartPayload(bytes: large, checksum: 1))
        }
        try await setting.write(try Self.content(Self.sound), parts: parts)
        let players = setting.server.players
        #expect(try await players.damage(of: setting.id.key).parts.map(\.description) == ["a", "c", "d", "e"])
        let error = await #expect(throws: ProfileError.self) { _ = try await players.repair(setting.id.key) }
        #expect(error?.code == .corrupt)

        let receipt = try await players.repair(setting.id.key, droppingParts: true)
        #expect(receipt.source == .untouched && receipt.quarantined == nil)
        #expect(receipt.droppedParts.map(\.description) == ["a", "c", "d", "e"] && receipt.version == 3)
        #expect(try await players.damage(of: setting.id.key).isNone)
        #expect(try await setting.fleet.store.partSummary(of: setting.id).count == 1)
        #expect(try await players.read(setting.id.key)?.document.coins == 9)

        let log = try #require(RepairReceipt.quarantineLog(of: setting.id))
        let entries = try #require(await setting.fleet.store.entries(of: log, after: 0, limit: 1_000)).entries
        let bytes = entries.prefix(17).flatMap { $0.value.drop { $0 != 0x0A }.dropFirst() }
        #expect(entries.count == 4 * 17 && bytes == large)
        #expect(entries[0].value.starts(with: Array(#"{"checksum":"0000000000000001","of":17,"part":"61","#.utf8)))
        try await setting.server.drain()
    }

    @Test("a live session is not disturbed")
    func held() async throws {
        let setting = try await Setting()
        let session = try await setting.server.players.open(setting.id.key)
        let other = try await setting.fleet.server("b")
        let error = await #expect(throws: ProfileError.self) { _ = try await other.players.repair(setting.id.key) }
        #expect(error?.code == .held && !session.isEnded)
        try await session.close()
        for server in [setting.server, other] { try await server.drain() }
    }
}
