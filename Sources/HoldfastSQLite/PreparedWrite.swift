import Foundation
import GRDB
import HoldfastStorage

/// One record's write with everything converted that its statement needs.
///
/// A write whose rule may keep what it replaces hits its row only if there is nothing to keep. So a save is one
/// statement, but for the first one of an hour: that one misses, copies the row and writes again.
struct PreparedWrite: Sendable {
    private let write: RecordWrite
    private let deployment: Int64
    private let now: Int64
    /// Content written before this is kept; nil keeps nothing.
    private let cutoff: Int64?
    /// Nil where only the compare is asked for, which is the row's state read before.
    let statement: (sql: String, arguments: StatementArguments)?

    /// - Parameter keepsHistory: Whether the store's layout has a history.
    init(_ write: RecordWrite, deployment: Int64, keepsHistory: Bool, now: Int64) {
        self.write = write
        self.deployment = deployment
        self.now = now
        self.cutoff = keepsHistory ? write.keeps.cutoff(at: now) : nil
        self.statement = Self.statement(write, deployment, now, cutoff: cutoff ?? .min)
    }

    /// Runs inside a transaction; false when the row is not as the write wants it, and then nothing is changed.
    func run(_ database: Database) throws -> Bool {
        guard let statement else { return true }
        if try database.run(statement.sql, statement.arguments) == 1 { return try runParts(database) }
        // Either the row is another one, or history is to have it: converted once more, since that is rare.
        guard let cutoff, try keep(writtenBefore: cutoff, database),
            let again = Self.statement(write, deployment, now, cutoff: .min),
            try database.run(again.sql, again.arguments) == 1
        else { return false }
        return try runParts(database)
    }

    private static func statement(
        _ write: RecordWrite, _ deployment: Int64, _ now: Int64, cutoff: Int64
    ) -> (sql: String, arguments: StatementArguments)? {
        // One literal per statement: joining argument lists costs more than the rest of the preparation.
        let (collection, key) = (write.id.collection.description, Data(write.id.key.bytes))
        let (nonce, saveID) = (write.nonce.data, write.saveID.data)
        switch write.change {
        case .none:
            guard write.releases else { return nil }
            return (Statements.release, [deployment, collection, key, write.fence, nonce, write.version])
        case .tombstone:
            return (
                Statements.tombstone,
                [saveID, now, deployment, collection, key, write.fence, nonce, write.version, cutoff]
            )
        case .content(let content):
            return (
                write.releases ? Statements.saveAndRelease : Statements.save,
                [
                    saveID, now, now, content.schema, Int64(bitPattern: content.payload.checksum),
                    content.payload.documentBytes, content.userIDsText, content.metadata.map { Data($0) },
                    Data(content.payload.bytes), deployment, collection, key, write.fence, nonce, write.version, cutoff,
                ]
            )
        }
    }

    // MARK: - History

    /// Copies the row; true when the write may now go on whatever the row's age is.
    private func keep(writtenBefore cutoff: Int64, _ database: Database) throws -> Bool {
        let isDeletion: Bool
        switch write.change {
        case .none: return false
        case .content: isDeletion = false
        case .tombstone: isDeletion = true
        }
        let row: StatementArguments = [now, isDeletion, write.keeps.reason] + write.id.arguments(deployment)
        try database.run(Statements.keep, row + [write.fence, write.nonce.data, write.version, cutoff])
        return true
    }

    // MARK: - Parts

    private func runParts(_ database: Database) throws -> Bool {
        guard !write.parts.isEmpty else { return true }
        let put = try HotStatement(Statements.putPart, in: database)
        let remove = try HotStatement(Statements.removePart, in: database)
        for statement in [put, remove] { statement.bind(deployment, at: 1) }
        put.bind(write.version + 1, at: 5)
        try put.withRecord(write.id) {
            try remove.withRecord(write.id) {
                for part in write.parts { try run(part, put: put, remove: remove) }
            }
        }
        return true
    }

    private func run(_ part: PartWrite, put: HotStatement, remove: HotStatement) throws {
        guard let payload = part.payload else {
            _ = try remove.withBytes(part.name.bytes, at: 4) { try remove.run() }
            return
        }
        put.bind(Int64(bitPattern: payload.checksum), at: 6)
        _ = try put.withBytes(part.name.bytes, at: 4) {
            try put.withBytes(payload.bytes, at: 7) { try put.run() }
        }
    }
}

extension HotStatement {
    /// Binds a record's collection and key to the parameters 2 and 3 for the time of `body`.
    fileprivate func withRecord(_ id: RecordID, _ body: () throws -> Void) throws {
        try withText(id.collection.description, at: 2) { try withBytes(id.key.bytes, at: 3, body) }
    }
}
