import Synchronization

/// Pages that this process read a moment ago, for everyone who asks for the same ones.
///
/// A page is read once however many ask at a time. Writes of this process forget the board's pages; those of others
/// are seen when the page is too old.
final class BoardPages: Sendable {
    /// What a page is asked for by.
    struct Request: Hashable, Sendable {
        var count: Int
        var cursor: BoardCursor?
        var scores: ClosedRange<Int64>?
        var hasDetails: Bool
    }

    typealias Answer = Result<BoardPage, MemoryStoreError>

    private struct Page {
        let reading: Task<Answer, Never>
        let since: ContinuousClock.Instant
    }

    /// The most pages that are kept, of all boards.
    static let maximumPages = 256

    private let state = Mutex<[BoardIndex.Address: [Request: Page]]>([:])

    /// A page that is not older than `age`, or a fresh one.
    ///
    /// - Parameter read: Reads it; goes on even where the caller is cancelled, since others may wait.
    func page(
        _ request: Request, of address: BoardIndex.Address, age: Duration,
        now: ContinuousClock.Instant = .now,
        read: @escaping @Sendable () async throws(MemoryStoreError) -> BoardPage
    ) async throws(MemoryStoreError) -> BoardPage {
        let reading = state.withLock { boards in
            if let page = boards[address]?[request], now - page.since < age {
                BoardMetrics.keptPages.increment()
                return page.reading
            }
            BoardMetrics.readPages.increment()
            let reading = Task { await Self.result(of: read) }
            if boards.values.reduce(0, { $0 + $1.count }) >= Self.maximumPages { boards.removeAll() }
            boards[address, default: [:]][request] = Page(reading: reading, since: now)
            return reading
        }
        switch await reading.value {
        case .success(let page): return page
        case .failure(let error):
            // The next one asks anew.
            state.withLock { boards in
                if boards[address]?[request]?.reading == reading { boards[address]?[request] = nil }
            }
            throw error
        }
    }

    /// Forgets all pages of a board, since this process has changed it.
    func forget(_ address: BoardIndex.Address) {
        state.withLock { boards in
            if !boards.isEmpty { boards[address] = nil }
        }
    }

    private static func result(of read: () async throws(MemoryStoreError) -> BoardPage) async -> Answer {
        do throws(MemoryStoreError) {
            let page = try await read()
            return .success(page)
        } catch {
            return .failure(error)
        }
    }
}
