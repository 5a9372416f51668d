import HoldfastMemoryStore
import HoldfastStorage
import ModelTesting
import Testing

@Suite struct BoardModelTests {
    @Test("random histories agree with a sorted array", arguments: BoardCombination.all)
    func standalone(_ combination: BoardCombination) async throws {
        try await check(.standalone, combination, histories: 20) { BoardSubject($0) }
    }

    @Test("random histories agree with a sorted array on a cluster", arguments: BoardCombination.all)
    func cluster(_ combination: BoardCombination) async throws {
        try await check(.cluster, combination, histories: 8) { BoardSubject($0) }
    }

    @Test("random histories of scores alone agree with a sorted array", arguments: PlainBoardSubject.combinations)
    func plain(_ combination: BoardCombination) async throws {
        try await check(.standalone, combination, histories: 20) { PlainBoardSubject($0) }
    }

    @Test(
        "random histories of scores alone agree with a sorted array on a cluster",
        arguments: PlainBoardSubject.combinations)
    func plainOnCluster(_ combination: BoardCombination) async throws {
        try await check(.cluster, combination, histories: 8) { PlainBoardSubject($0) }
    }

    private func check<Subject: ModelSubject>(
        _ kind: RedisKind, _ combination: BoardCombination, histories: Int,
        _ subject: @escaping @Sendable (Board) -> Subject
    ) async throws {
        try await withMemoryStore(kind) { memory, _ in
            try await checkHistories(histories, lengths: 1...30, firstSeed: kind.firstSeed) {
                subject(try memory.board(RandomID.random().description, rules: combination.rules))
            }
        }
    }
}
