import Foundation
import GRDB
import HoldfastStorage

/// A request with everything converted that its statements need, so that nothing but SQL runs between
/// BEGIN and COMMIT.
enum PreparedRequest: Sendable {
    case seal(SealRequest)
    case commit(CommitRequest, writes: [PreparedStatement])
    case deliver(Delivery)
    case append(AppendRequest)
    case trim(TrimRequest)
    case submit(ScoreBatch)
    case decide(Decision)

    /// A statement with its arguments.
    struct PreparedStatement: Sendable {
        let sql: String
        let arguments: StatementArguments
    }

    init(_ request: StoreRequest, deployment: Int64, now: Int64) {
        switch request {
        case .seal(let seal): self = .seal(seal)
        case .deliver(let delivery): self = .deliver(delivery)
        case .append(let append): self = .append(append)
        case .trim(let trim): self = .trim(trim)
        case .submit(let batch): self = .submit(batch)
        case .decide(let decision): self = .decide(decision)
        case .commit(let commit):
            self = .commit(commit, writes: commit.writes.map { Self.prepare($0, deployment, now) })
        }
    }

    private static func prepare(_ write: RecordWrite, _ deployment: Int64, _ now: Int64) -> PreparedStatement {
        // One literal per statement: joining argument lists costs more than the rest of the preparation.
        let (collection, key) = (write.id.collection.description, Data(write.id.key.bytes))
        let (nonce, saveID) = (write.nonce.data, write.saveID.data)
        switch write.change {
        case .none:
            // Without a release the compare alone remains, which is the row's state read before.
            return PreparedStatement(
                sql: write.releases ? Statements.release : "",
                arguments: [deployment, collection, key, write.fence, nonce, write.version])
        case .tombstone:
            return PreparedStatement(
                sql: Statements.tombstone,
                arguments: [saveID, now, deployment, collection, key, write.fence, nonce, write.version])
        case .content(let content):
            return PreparedStatement(
                sql: write.releases ? Statements.saveAndRelease : Statements.save,
                arguments: [
                    saveID, now, now, content.schema, Int64(bitPattern: content.payload.checksum),
                    content.payload.documentBytes, content.userIDsText, content.metadata.map { Data($0) },
                    Data(content.payload.bytes), deployment, collection, key, write.fence, nonce, write.version,
                ])
        }
    }
}
