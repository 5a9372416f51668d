import Foundation
import HoldfastMemoryStore
import HoldfastProfiles
import HoldfastStorage
import TestServers
import Testing

@testable import HoldfastCommand

struct DemoJournalTests {
    @Test("each acknowledgement is one line of JSON with clock and kind")
    func lines() throws {
        let folder = try TemporaryFolder()
        let counters = DemoCounters()
        let observer = JournalObserver(
            journal: try DemoJournal(folder: folder.path, server: "s1", boot: "b"), counters: counters)
        let id = RecordID(collection: try CollectionName("demo-x"), key: try Key("ada-0"))
        observer.refused(id, version: 3, fence: 2, nonce: RandomID(high: 1, low: 2), found: nil)
        observer.ended(id, fence: 2, nonce: RandomID(high: 1, low: 2), end: .lost(.superseded))
        let text = try String(contentsOfFile: "\(folder.path)/s1-b.jsonl", encoding: .utf8)
        let lines = text.split(separator: "\n")
        try #require(lines.count == 2 && text.hasSuffix("\n"))
        let first = try #require(
            try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(first["kind"] as? String == "refused")
        #expect(first["key"] as? String == "ada-0")
        #expect(first["owner"] as? String == "00000000000000010000000000000002")
        #expect(try #require(first["at"] as? Int) > 0)
        #expect(counters.take().refused == 1)
    }

    @Test("a server's next process reads the cursor that was written last, also a shorter one")
    func cursor() throws {
        let folder = try TemporaryFolder()
        let file = CursorFile(folder: folder.path, reader: "s1")
        #expect(file.read() == nil)
        let position = AnnouncementPosition(generation: .random(), sequence: 12_345, entry: .random())
        for cursor in [AnnouncementCursor(durable: position), AnnouncementCursor()] {
            file.write(cursor)
            #expect(CursorFile(folder: folder.path, reader: "s1").read() == cursor)
        }
    }

    @Test("coins are the sum of their sources after any number of steps")
    func balance() throws {
        var player = DemoPlayer(name: "ada-0")
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<100 { player.play(using: &generator) }
        try DemoReward(coins: 7).apply(to: &player)
        #expect(player.coins == player.earned + player.rewarded + player.tradedIn - player.tradedOut)
        #expect(player.edits == 100 && player.rewards == 1)
    }
}
