import Foundation
import TestServers
import Testing

@testable import HoldfastStorage

@Suite("Backup files")
struct BackupFileTests {
    private func backup(_ folder: TemporaryFolder) async throws -> [UInt8] {
        let store = InMemoryStore(deployment: "test")
        _ = try await store.migrate(DeploymentTimings())
        try await BackupContents.fill(store)
        let path = folder.file("test.backup")
        _ = try await store.backUp(to: path)
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Reads all of it.
    private func read(_ bytes: [UInt8]) throws(StoreError) -> BackupSummary? {
        var rest = bytes[...]
        var decoder = try BackupDecoder { count throws(StoreError) in
            let piece = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            return piece
        }
        while try decoder.next() != nil {}
        return decoder.summary
    }

    /// What a restore into a store that remembers nobody makes of a row.
    private func applied(_ row: BackupRow) throws -> BackupRow? {
        var rules = RestoreRules(erasures: [], backedUpAt: 0, now: 0)
        return try rules.apply(row)
    }

    @Test("a file with any byte changed, cut off anywhere, or with anything behind its end is refused")
    func altered() async throws {
        let bytes = try await backup(try TemporaryFolder())
        #expect(try read(bytes) != nil)
        for index in bytes.indices {
            for mask in [0x01, 0x80, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] ^= mask
                #expect(throws: StoreError.self, "byte \(index)") { try read(changed) }
            }
            #expect(throws: StoreError.self, "cut at \(index)") { try read(Array(bytes[..<index])) }
        }
        #expect(throws: StoreError.self) { try read(bytes + [0]) }
        #expect(throws: StoreError.self) { try read(bytes + bytes) }
    }

    @Test("blocks that were left out or swapped are refused, though each is whole")
    func rearranged() throws {
        let header = BackupHeader(
            deployment: Deployment(
                name: "test", id: .random(), timings: DeploymentTimings(), schema: 3, minimumReader: 1),
            createdAtMillis: 1)
        var encoder = BackupEncoder(header)
        let start = try encoder.start()
        let pages = try (0..<2).map { index in
            try encoder.page([
                BackupRow(.decision, [.blob(RandomID.random().bytes), .text("committed"), .integer(Int64(index))])
            ])
        }
        let end = try encoder.finish().bytes
        #expect(try read(start + pages[0] + pages[1] + end)?.rows == [.decision: 2])
        for order in [[0], [1], [1, 0], [0, 0], []] {
            #expect(throws: StoreError.self, "\(order)") { try read(start + order.flatMap { pages[$0] } + end) }
        }
        #expect(throws: StoreError.self) { try read(start + start + pages[0] + pages[1] + end) }
    }

    @Test("formats, rows and columns of newer builds are named as such; a shorter row of an older one is read")
    func versions() throws {
        var newer = BackupFormat.magic
        newer.appendBigEndian(UInt32(2))
        #expect { try read(newer + [1, 2, 3]) } throws: { ($0 as? StoreError)?.code == .newerSchema }
        #expect { try BackupRowCodec.rows(in: [200, 0]) } throws: { ($0 as? StoreError)?.code == .newerSchema }
        var row: [UInt8] = []
        let name = BackupValue.blob(Array("board:a".utf8))
        BackupRowCodec.append(BackupRow(.definition, [name, .integer(1), .integer(2)]), to: &row)
        #expect(
            try BackupRowCodec.rows(in: row) == [BackupRow(.definition, [name, .integer(1), .integer(2), .null])])
        var long: [UInt8] = []
        BackupRowCodec.append(BackupRow(.definition, [name, .integer(1), .integer(2), .null, .null]), to: &long)
        #expect { try BackupRowCodec.rows(in: long) } throws: { ($0 as? StoreError)?.code == .newerSchema }
        var wrong: [UInt8] = []
        BackupRowCodec.append(BackupRow(.definition, [name, .text("1"), .integer(2), .null]), to: &wrong)
        #expect { try BackupRowCodec.rows(in: wrong) } throws: { ($0 as? StoreError)?.code == .corrupt }
    }

    @Test("numbers that nothing could be counted on from are refused", arguments: [-1, Int64.max])
    func impossible(number: Int64) throws {
        let deployment = Deployment(
            name: "test", id: .random(), timings: DeploymentTimings(), schema: 3, minimumReader: 1, generation: number)
        let header = BackupHeader(deployment: deployment, createdAtMillis: 1).document
        #expect { try BackupHeader(header) } throws: { ($0 as? StoreError)?.code == .corrupt }
        for column in ["fence", "version"] {
            var row = BackupRow(
                .record,
                BackupTable.record.columns.map { $0.isNullable ? .null : .integer(1) })
            row["collection"] = .text("players")
            row["key"] = .blob([1])
            #expect(try applied(row)?["fence"] == .integer(2))
            row[column] = .integer(number)
            let refused = row
            #expect { try applied(refused) } throws: { ($0 as? StoreError)?.code == .corrupt }
        }
    }

    @Test("a file that came while the backup was written stays")
    func cameMeanwhile() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("one")
        let file = try BackupFile(creating: path)
        try file.write([1, 2, 3])
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        #expect { try file.complete() } throws: { ($0 as? StoreError)?.code == .badInput }
        file.abandon()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("mine".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["one"])
    }

    @Test("a backup never takes the place of a file, and a failed one leaves nothing")
    func places() async throws {
        let folder = try TemporaryFolder()
        let store = InMemoryStore(deployment: "test")
        await #expect {
            try await store.backUp(to: folder.file("early"))
        } throws: { ($0 as? StoreError)?.code == .wrongDeployment }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        _ = try await store.migrate(DeploymentTimings())
        _ = try await store.backUp(to: folder.file("one"))
        for (path, code) in [
            (folder.file("one"), StoreError.Code.badInput), (folder.file("none/one"), .notFound),
        ] {
            await #expect { try await store.backUp(to: path) } throws: { ($0 as? StoreError)?.code == code }
        }
        await #expect {
            try await Backup.verify(folder.file("none"))
        } throws: { ($0 as? StoreError)?.code == .notFound }
    }
}
