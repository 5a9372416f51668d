import HoldfastStorage
import Testing

@testable import HoldfastProfiles

@Suite("What a refused save says")
struct SaveJudgeTests {
    private static let mine = Owner(nonce: RandomID(high: 1, low: 1), server: "a", boot: RandomID(high: 1, low: 2))
    private static let other = Owner(nonce: RandomID(high: 2, low: 1), server: "b", boot: RandomID(high: 2, low: 2))
    private static let attempt = RandomID(high: 7, low: 7)
    private let write: RecordWrite

    init() throws {
        write = RecordWrite(
            id: RecordID(collection: try CollectionName("p"), key: Key(1)), fence: 5, nonce: Self.mine.nonce,
            version: 3,
            saveID: Self.attempt, change: .tombstone
        )
    }

    private func row(version: Int64 = 3, fence: Int64 = 5, owner: Owner? = mine, saveID: RandomID? = nil) -> RowState {
        RowState(version: version, fence: fence, owner: owner, saveID: saveID)
    }

    @Test("the attempt's own save id means that an earlier copy of it was committed")
    func committedBefore() {
        let found = row(version: 4, owner: nil, saveID: Self.attempt)
        #expect(SaveJudge.judge(write, found: found) == .committedBefore)
    }

    @Test("a higher fence, another owner or none at all: superseded")
    func superseded() {
        #expect(SaveJudge.judge(write, found: row(fence: 6, owner: Self.other)) == .superseded)
        #expect(SaveJudge.judge(write, found: row(owner: Self.other)) == .superseded)
        #expect(SaveJudge.judge(write, found: row(owner: nil)) == .superseded)
    }

    @Test("a missing row, a lower fence or a lower version: the store went back")
    func storeWentBack() {
        #expect(SaveJudge.judge(write, found: nil) == .storeWentBack)
        #expect(SaveJudge.judge(write, found: row(fence: 4)) == .storeWentBack)
        #expect(SaveJudge.judge(write, found: row(version: 2)) == .storeWentBack)
    }

    @Test("fence and owner ours but a newer version: two writers under one name, an alarm")
    func alarm() {
        #expect(SaveJudge.judge(write, found: row(version: 4)) == .alarm)
        #expect(SaveJudge.judge(write, found: row()) == .intact)
    }
}
