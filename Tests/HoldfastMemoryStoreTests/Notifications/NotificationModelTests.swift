import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct NotificationModelTests {
    @Test("random histories agree with a plain array")
    func histories() async throws {
        try await withMemoryStore { memory, _ in
            try await checkHistories(1_000) { try await NotificationModel(memory) }
        }
    }
}
