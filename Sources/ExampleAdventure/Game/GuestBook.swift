import Holdfast
import Synchronization

/// Who was here: which version of each is safe on disk, and why the stay ended.
final class GuestBook: Sendable {
    private let saved = Mutex<[Key: Int64]>([:])
    private let ends = Mutex<[Key: SessionEnd]>([:])

    func noteSave(of key: Key, version: Int64) {
        saved.withLock { $0[key] = version }
    }

    func noteEnd(of key: Key, _ end: SessionEnd) {
        ends.withLock { $0[key] = end }
    }

    func savedVersion(of key: Key) -> Int64? { saved.withLock { $0[key] } }

    func end(of key: Key) -> SessionEnd? { ends.withLock { $0[key] } }
}
