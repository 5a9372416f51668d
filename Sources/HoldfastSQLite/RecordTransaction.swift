import GRDB
import HoldfastStorage

/// Writes records inside one transaction.
///
/// A write whose rule may keep what it replaces hits its row only if there is nothing to keep. So a save is one
/// statement, but for the first one of an hour: that one misses, copies the row and writes again.
struct RecordTransaction {
    private let database: Database
    private let deployment: Int64
    private let now: Int64
    /// A group has many saves, and looking a statement up costs as much as binding it.
    private lazy var save = Result { try HotStatement(Statements.save, in: database) }
    private lazy var saveAndRelease = Result { try HotStatement(Statements.saveAndRelease, in: database) }

    init(_ database: Database, deployment: Int64, now: Int64) {
        self.database = database
        self.deployment = deployment
        self.now = now
    }

    /// False when the row is not as the write wants it, and then nothing is changed.
    mutating func run(_ prepared: PreparedWrite) throws -> Bool {
        let write = prepared.write
        guard prepared.hasStatement else { return true }
        if try hits(prepared, cutoff: prepared.cutoff ?? .min) { return try runParts(of: write) }
        // Either the row is another one, or history is to have it.
        guard let cutoff = prepared.cutoff, try keep(write, writtenBefore: cutoff), try hits(prepared, cutoff: .min)
        else { return false }
        return try runParts(of: write)
    }

    private mutating func hits(_ prepared: PreparedWrite, cutoff: Int64) throws -> Bool {
        let write = prepared.write
        switch write.change {
        case .none:
            let statement = try HotStatement(Statements.release, in: database)
            bindRow(of: write, to: statement, from: 1)
            return try statement.run() == 1
        case .tombstone:
            let statement = try HotStatement(Statements.tombstone, in: database)
            statement.bind(write.saveID, at: 1)
            statement.bind(now, at: 2)
            let next = bindRow(of: write, to: statement, from: 3)
            statement.bind(cutoff, at: next)
            return try statement.run() == 1
        case .content(let content):
            let statement = try (write.releases ? saveAndRelease : save).get()
            statement.bind(write.saveID, at: 1)
            statement.bind(now, at: 2)
            statement.bind(now, at: 3)
            statement.bind(Int64(content.schema), at: 4)
            statement.bind(Int64(bitPattern: content.payload.checksum), at: 5)
            statement.bind(Int64(content.payload.documentBytes), at: 6)
            statement.bind(copying: prepared.userIDs, at: 7)
            statement.bind(copying: content.metadata, at: 8)
            let next = bindRow(of: write, to: statement, from: 10)
            statement.bind(cutoff, at: next)
            return try statement.withBytes(content.payload.bytes, at: 9) { try statement.run() } == 1
        }
    }

    /// Binds what names the row and its state; returns the parameter after it.
    @discardableResult
    private func bindRow(of write: RecordWrite, to statement: HotStatement, from first: Int32) -> Int32 {
        statement.bind(deployment, at: first)
        statement.bind(copying: write.id.collection.description, at: first + 1)
        statement.bind(copying: write.id.key.bytes, at: first + 2)
        statement.bind(write.fence, at: first + 3)
        statement.bind(write.nonce, at: first + 4)
        statement.bind(write.version, at: first + 5)
        return first + 6
    }

    // MARK: - History

    /// Copies the row; true when the write may now go on whatever the row's age is.
    private func keep(_ write: RecordWrite, writtenBefore cutoff: Int64) throws -> Bool {
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

    private func runParts(of write: RecordWrite) throws -> Bool {
        guard !write.parts.isEmpty else { return true }
        let put = try HotStatement(Statements.putPart, in: database)
        let remove = try HotStatement(Statements.removePart, in: database)
        for statement in [put, remove] {
            statement.bind(deployment, at: 1)
            statement.bind(copying: write.id.collection.description, at: 2)
            statement.bind(copying: write.id.key.bytes, at: 3)
        }
        put.bind(write.version + 1, at: 5)
        for part in write.parts {
            let statement = part.payload == nil ? remove : put
            statement.bind(copying: part.name.bytes, at: 4)
            guard let payload = part.payload else {
                try remove.run()
                continue
            }
            put.bind(Int64(bitPattern: payload.checksum), at: 6)
            _ = try put.withBytes(payload.bytes, at: 7) { try put.run() }
        }
        return true
    }
}
