/// A run's players and worlds as the store holds it after the run, and how it came there.
struct StoreImage {
    /// A row of the record table.
    struct Record {
        /// What the row holds as document.
        enum Content {
            /// Never saved, or deleted.
            case none
            case document(Balance, rewards: Int64)
            /// Bytes that do not match their checksum, their format or the demo's document.
            case corrupt(String)
        }

        let version: Int64
        let fence: Int64
        let owner: RandomID?
        let saveID: RandomID?
        let content: Content
    }

    /// A row of the part table: one chunk of a world.
    struct Part {
        let name: String
        let version: Int64
        let chunk: StoredChunk
    }

    /// A row of the operation table.
    struct Operation {
        let name: OperationOfKey
        let type: String
        let state: String
        /// The coins it brings each time; nil when its payload was shortened or cannot be read.
        let amount: Int64?
        /// How often it has taken effect, as its row says: a wage once a step.
        let effects: Int64
    }

    /// An entry of the commit log.
    ///
    /// The old values are nil for a row that was inserted.
    struct Commit {
        let oldVersion: Int64?
        let version: Int64
        let oldFence: Int64?
        let fence: Int64
        let oldOwner: RandomID?
        let owner: RandomID?
        let saveID: RandomID?

        /// Whether it wrote data, rather than only fence or owner.
        var isWrite: Bool { version != (oldVersion ?? 0) }
    }

    /// A member of one of the run's boards.
    struct Score {
        let score: Int64
        /// How often it was submitted.
        let submissions: Int64
        /// The change that gave it this score: lower got there first.
        let reached: Int64
    }

    /// The deployment's lease, in nanoseconds.
    var leaseNanoseconds: Int64 = 0
    var records: [KeyIndex: Record] = [:]
    /// The parts of each record that is a world.
    var worlds: [KeyIndex: [Part]] = [:]
    /// In order of delivery.
    var operations: [Operation] = []
    var trades = StoredTrades()
    var scores: [SharedJournals.Board: [KeyIndex: Score]] = [:]
    /// What the run's channel still has, by number.
    var announcements: [Int64: RandomID] = [:]
    /// The last number handed out on the channel.
    var lastAnnouncement: Int64 = 0
    /// For each key its entries in commit order; keys beyond the end have none.
    private(set) var commits: [[Commit]] = []

    /// Appends the next entry of the log.
    mutating func append(_ commit: Commit, to key: KeyIndex) {
        while commits.count <= key { commits.append([]) }
        commits[key].append(commit)
    }

    /// The entries of one key in commit order.
    func commits(of key: KeyIndex) -> [Commit] {
        key < commits.count ? commits[key] : []
    }
}
