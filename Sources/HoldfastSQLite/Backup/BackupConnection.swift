import Dispatch
import GRDB
import HoldfastStorage

/// A connection of its own, whose one transaction spans several calls.
struct BackupConnection: Sendable {
    let queue: DatabaseQueue

    /// Runs `body` on the connection's thread.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { database in
                do {
                    continuation.resume(returning: .success(try body(database)))
                } catch {
                    continuation.resume(returning: .failure(StoreError(sqlite: error, "SQLite refused")))
                }
            }
        }
        return try result.get()
    }

    /// Ends what is left of the transaction, and the connection; repeating it does nothing.
    func close() async {
        _ = try? await perform { database in
            if database.isInsideTransaction { try database.rollback() }
        }
        await withCheckedContinuation { continuation in
            // Closing waits for the queue, so it must not run on a thread of the cooperative pool.
            DispatchQueue.global().async {
                try? queue.close()
                continuation.resume()
            }
        }
    }
}
