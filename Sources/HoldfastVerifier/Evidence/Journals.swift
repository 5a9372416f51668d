/// The lines of all journals, by kind.
///
/// ``Journals/init(folder:keys:)`` reads them.
struct Journals {
    /// One server process: its file, and when each of its lines was written, ascending.
    struct Process {
        let name: String
        var times: [Int64] = []
    }

    /// Nanoseconds of the machine's boot clock, common to all processes of a run.
    typealias Instant = Int64

    /// A session became active.
    struct Opened {
        /// The way the lease was won.
        enum How: String {
            case free, handOver, takeOver
        }

        let process: Int
        let at: Instant
        let key: KeyIndex
        let version: Int64
        let fence: Int64
        let owner: RandomID
        let how: How
        let coins: Int64
    }

    /// What a server found in a world that it had opened.
    struct Entered {
        let key: KeyIndex
        let version: Int64
        let state: WorldState
    }

    /// A server let a player into the world that it hosts.
    struct Visited {
        let process: Int
        let key: KeyIndex
        /// The session that she plays in.
        let owner: RandomID
    }

    /// A durable save was acknowledged.
    struct Saved {
        let key: KeyIndex
        let version: Int64
        let fence: Int64
        let owner: RandomID
        let saveID: RandomID
        let balance: Balance
    }

    /// A trade's commit was acknowledged.
    struct Traded {
        struct Side {
            let key: KeyIndex
            let version: Int64
            let owner: RandomID
        }

        let id: String
        let from: Side
        let to: Side
    }

    /// Somebody was told what became of a trade between servers.
    struct TradeEnd {
        let trade: String
        /// `committed` or `aborted`.
        let outcome: String
    }

    /// An operation's delivery was acknowledged.
    struct Delivered {
        let at: Instant
        let operation: OperationOfKey
        let amount: Int64
    }

    /// The commit with an operation's effect and receipt was acknowledged.
    struct Applied {
        let operation: OperationOfKey
        let version: Int64
    }

    /// Somebody wanted to take an operation back, and was told where it stands.
    struct Cancelled {
        let operation: OperationOfKey
        /// A state of the store, or `begun` or `missing`.
        let outcome: String
    }

    /// A dead letter was acknowledged to be delivered anew.
    struct Requeued {
        let operation: OperationOfKey
        let newOperation: OperationOfKey
    }

    /// A session was over.
    struct Ended {
        let at: Instant
        let owner: RandomID
        /// Whether the session was lost, rather than closed, handed over, drained or deleted.
        let wasLost: Bool
    }

    var processes: [Process] = []
    var opened: [Opened] = []
    var entered: [Entered] = []
    var visited: [Visited] = []
    var saved: [Saved] = []
    var traded: [Traded] = []
    var tradeEnds: [TradeEnd] = []
    var delivered: [Delivered] = []
    var applied: [Applied] = []
    var cancelled: [Cancelled] = []
    var requeued: [Requeued] = []
    var ended: [Ended] = []
    var shared = SharedJournals()
    /// Saves that the store refused as stale.
    var refused = 0
    /// Files that end in the middle of a line.
    var tornLines = 0

    /// Starts with no lines.
    init() {}
}
