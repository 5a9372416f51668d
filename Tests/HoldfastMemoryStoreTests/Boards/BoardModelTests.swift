import HoldfastMemoryStore
import HoldfastStorage
import ModelTesting
import Testing

@Suite struct BoardModelTests {
    @Test("random histories agree with a sorted array", arguments: BoardCombination.all)
    func standalone(_ combination: BoardCombination) async throws {
        try await check(.standalone, combination, histories: 60)
    }

    @Test("random histories agree with a sorted array on a cluster", arguments: BoardCombination.all)
    func cluster(_ combination: BoardCombination) async throws {
        try await check(.cluster, combination, histories: 20)
    }

    @Test("random histories of scores alone agree with a sorted array", arguments: PlainBoardSubject.combinations)
    func plain(_ combination: BoardCombination) async throws {
        try await withMemoryStore { memory, _ in
            try await checkHistories(60, lengths: 1...30) {
                PlainBoardSubject(try memory.board(RandomID.random().description, rules: combination.rules))
            }
        }
    }

    private func check(_ kind: RedisKind, _ combination: BoardCombination, histories: Int) async throws {
        try await withMemoryStore(kind) { memory, _ in
            try await checkHistories(histories, lengths: 1...30) {
                BoardSubject(try memory.board(RandomID.random().description, rules: combination.rules))
            }
        }
    }
}
