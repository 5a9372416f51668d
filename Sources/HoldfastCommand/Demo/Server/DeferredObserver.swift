import HoldfastProfiles
import HoldfastStorage
import Synchronization

/// Stands in for the journal until the boot id that names its file is known; no session exists before.
final class DeferredObserver: SessionObserver {
    private let observer = Mutex<(any SessionObserver)?>(nil)

    func observe(with observer: any SessionObserver) {
        self.observer.withLock { $0 = observer }
    }

    func opened(_ session: SessionDescription, opening: Opening, document: any Sendable) {
        observer.withLock { $0 }?.opened(session, opening: opening, document: document)
    }

    func saved(_ id: RecordID, receipt: SaveReceipt, document: [UInt8], applied: [OperationID]) {
        observer.withLock { $0 }?.saved(id, receipt: receipt, document: document, applied: applied)
    }

    func refused(_ id: RecordID, version: Int64, fence: Int64, nonce: RandomID, found: RowState?) {
        observer.withLock { $0 }?.refused(id, version: version, fence: fence, nonce: nonce, found: found)
    }

    func ended(_ id: RecordID, fence: Int64, nonce: RandomID, end: SessionEnd) {
        observer.withLock { $0 }?.ended(id, fence: fence, nonce: nonce, end: end)
    }

    func ambiguous(_ id: RecordID) {
        observer.withLock { $0 }?.ambiguous(id)
    }
}
