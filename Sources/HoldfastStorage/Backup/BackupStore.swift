/// A durable store that can be copied as a whole while it is in use, and be replaced by such a copy.
public protocol BackupStore: DurableStore {
    /// Opens a view of everything that the deployment holds as it is at this moment; close it soon.
    ///
    /// Commits go on meanwhile and are not seen; none of them is seen in part.
    func openSnapshot() async throws(StoreError) -> any StoreSnapshot

    /// Begins to replace everything that the deployment holds, remembered erasures excepted, in one transaction.
    ///
    /// Nothing is changed before ``StoreReplacement/commit(_:)``, and nothing at all where that is never called.
    /// Other writers wait meanwhile, and most of them in vain: no server should be running.
    func beginReplacement() async throws(StoreError) -> any StoreReplacement
}

/// A consistent view of a store, read once from beginning to end.
public protocol StoreSnapshot: Sendable {
    /// The deployment as the view has it.
    var deployment: Deployment { get }
    /// The next rows in the order of ``BackupTable``, about 1 MiB of them; nil at the end.
    func next() async throws(StoreError) -> [BackupRow]?
    /// Ends the view, whether or not all of it was read.
    func close() async
}

/// The content that is to take a store's place.
public protocol StoreReplacement: Sendable {
    /// Adds rows, in the order of ``BackupTable``; an erasure that is there already stays as it is.
    func add(_ rows: [BackupRow]) async throws(StoreError)
    /// Puts everything in place, durably, and gives the deployment what is named here.
    ///
    /// - Throws: ``StoreError``; with `outcomeUnknown` the deployment's generation tells, maybe only after a while.
    func commit(_ identity: RestoredIdentity) async throws(StoreError)
    /// Leaves the store as it was.
    func abandon() async
    /// Whether a commit whose outcome is unknown can no longer take effect after ``abandon()``; false unless told
    /// otherwise.
    var isFinalOnceAbandoned: Bool { get }
}

extension StoreReplacement {
    /// A server may commit what it was sent at any time.
    public var isFinalOnceAbandoned: Bool { false }
}

/// What a deployment is after its content was replaced.
public struct RestoredIdentity: Sendable, Equatable {
    /// What Redis must carry.
    public var id: RandomID
    /// Higher than any that a session may have learned.
    public var generation: Int64
    /// The times that all servers share.
    public var timings: DeploymentTimings

    /// Joins the three.
    public init(id: RandomID, generation: Int64, timings: DeploymentTimings) {
        self.id = id
        self.generation = generation
        self.timings = timings
    }
}

/// Collects rows until there are enough for a page.
package struct BackupPage {
    /// The most bytes that a page has before its last row.
    package static let bytes = 1_048_576
    /// The most rows of a page.
    package static let rows = 2_000

    package private(set) var list: [BackupRow] = []
    private var size = 0

    package init() {}

    package var isFull: Bool { size >= Self.bytes || list.count >= Self.rows }

    package mutating func append(_ row: BackupRow) {
        list.append(row)
        size += row.size
    }
}
