/// Who last sealed a record: one session of one boot of one server.
public struct Owner: Hashable, Sendable {
    /// The session's nonce, fresh for every open.
    public let nonce: RandomID
    /// The server's id, as an operator knows it.
    public let server: String
    /// The server's boot, fresh for every start of the process.
    public let boot: RandomID

    /// Joins the three names.
    public init(nonce: RandomID, server: String, boot: RandomID) {
        self.nonce = nonce
        self.server = server
        self.boot = boot
    }
}

/// What a record holds besides its fence: the document and what travels beside it.
public struct Content: Sendable, Equatable {
    /// The most people that one record names.
    public static let maximumUserIDs = 1_000

    /// The document, canonical and compressed.
    public var payload: Payload
    /// The schema version of the document, counted by its collection's migrations.
    public var schema: Int
    /// The people that this record holds data of, for listing and erasing by person.
    ///
    /// At most ``maximumUserIDs`` of ``Erasure/maximumUserIDBytes`` each.
    public var userIDs: [String]
    /// The game's own canonical JSON object beside the document, or nil.
    public var metadata: [UInt8]?

    /// Joins a document with what travels beside it.
    public init(payload: Payload, schema: Int, userIDs: [String] = [], metadata: [UInt8]? = nil) {
        self.payload = payload
        self.schema = schema
        self.userIDs = userIDs
        self.metadata = metadata
    }
}

/// The row of one record as the store has it.
public struct Record: Sendable, Equatable {
    /// Collection and key: the row's primary key within its deployment.
    public let id: RecordID
    /// 0 = sealed but never saved; each write of data adds one.
    public let version: Int64
    /// The highest fencing token that sealed this record.
    ///
    /// Never goes down.
    public let fence: Int64
    /// Who sealed it last, or nil once released, deleted or restored.
    public let owner: Owner?
    /// The save attempt that wrote ``content``.
    public let saveID: RandomID?
    /// Nil at version 0 and in a tombstone.
    public let content: Content?
    /// Milliseconds since 1970, UTC; set by the first save.
    public let createdAtMillis: Int64
    /// Milliseconds since 1970, UTC; set by every write of data.
    public let updatedAtMillis: Int64

    /// Joins the columns of one row as a store read them; checks nothing.
    public init(
        id: RecordID, version: Int64, fence: Int64, owner: Owner?, saveID: RandomID?, content: Content?,
        createdAtMillis: Int64, updatedAtMillis: Int64
    ) {
        self.id = id
        self.version = version
        self.fence = fence
        self.owner = owner
        self.saveID = saveID
        self.content = content
        self.createdAtMillis = createdAtMillis
        self.updatedAtMillis = updatedAtMillis
    }

    /// The part that fencing decides on.
    public var state: RowState {
        RowState(version: version, fence: fence, owner: owner, saveID: saveID)
    }
}

/// The part of a row that fencing decides on, as found by a refused write.
public struct RowState: Sendable, Equatable {
    /// The version that the row carries; 0 = never saved.
    public let version: Int64
    /// The highest fencing token that sealed the row.
    public let fence: Int64
    /// Who sealed it last; nil once released, deleted or restored.
    public let owner: Owner?
    /// The save attempt that wrote the row's data; nil before the first.
    public let saveID: RandomID?

    /// Joins the four values; checks nothing.
    public init(version: Int64, fence: Int64, owner: Owner?, saveID: RandomID?) {
        self.version = version
        self.fence = fence
        self.owner = owner
        self.saveID = saveID
    }
}

/// A short row of a listing.
public struct RecordSummary: Sendable, Equatable {
    /// The key within the listed collection.
    public let key: Key
    /// How often data was written; at least 1, since only saved records are listed.
    public let version: Int64
    /// The schema version of the stored document.
    public let schema: Int
    /// The size of the compressed payload, format byte included.
    public let storedBytes: Int
    /// The size of the document as canonical JSON.
    public let documentBytes: Int
    /// Milliseconds since 1970, UTC, of the last write of data.
    public let updatedAtMillis: Int64

    /// Joins the values of one row of a listing; checks nothing.
    public init(
        key: Key, version: Int64, schema: Int, storedBytes: Int, documentBytes: Int, updatedAtMillis: Int64
    ) {
        self.key = key
        self.version = version
        self.schema = schema
        self.storedBytes = storedBytes
        self.documentBytes = documentBytes
        self.updatedAtMillis = updatedAtMillis
    }
}
