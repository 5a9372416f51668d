/// The rows of `holdfast bench`, in the order in which they run.
enum BenchName: String, CaseIterable, Sendable {
    case client50 = "client-50"
    case client500 = "client-500"
    case client1 = "client-1"
    case client1Loop = "client-1-loop"
    case lease
    case saveSQLite = "save-sqlite"
    case savePostgres = "save-postgres"
    case sessions
    case mapGet = "map-get"
    case mapSet = "map-set"
    case announcement
    case queueOne = "queue-one"
    case queueBatch = "queue-batch"
    case queueDurable = "queue-durable"

    case boardSubmit50 = "board-submit-50"
    case boardSubmit500 = "board-submit-500"
    case boardRank50 = "board-rank-50"
    case boardRank500 = "board-rank-500"
    case boardCPUOne = "board-cpu-1"
    case boardCPUBatch = "board-cpu-100"
    case boardCPUTies = "board-cpu-ties-1"
    case boardCPUTiesBatch = "board-cpu-ties-100"
    case boardGrowthSubmit = "board-growth-submit"
    case boardGrowthRank = "board-growth-rank"
    case boardDurableSQLite = "board-durable-sqlite"
    case boardDurablePostgres = "board-durable-postgres"
    case boardSlowest = "board-slowest"

    case autosave
    case autosaveBurst = "autosave-burst"
    case operationCommits = "operation-commits"
    case receipts

    case replicationPatch = "replication-patch"

    case worldCodec = "world-codec"
    case worldCodecBody = "world-codec-body"
    case worldChange = "world-change"
    case worldSize = "world-size"

    /// The rows that a word on the command line names: one row, or a family such as `client` or `save`.
    static func matching(_ word: String) -> [BenchName] {
        allCases.filter { $0.rawValue == word || $0.rawValue.hasPrefix("\(word)-") }
    }

    /// The ratio to reach.
    var goal: BenchGoal {
        switch self {
        case .client50: .atLeast(0.9)
        case .client500: .atLeast(0.8)
        case .client1: .atLeast(0.5)
        case .client1Loop: .atLeast(0.8)
        case .lease: .atMost(0.45)
        case .saveSQLite, .savePostgres: .atLeast(0.6)
        case .sessions: .atMost(1)
        case .boardSubmit50, .boardSubmit500, .boardRank50, .boardRank500: .atLeast(0.85)
        case .boardDurableSQLite, .boardDurablePostgres: .atLeast(0.6)
        case .boardCPUOne: .atMost(3)
        case .boardCPUBatch: .atMost(1.6)
        // Ties that go to the first take an entry more for each member, and two changes of the set for one.
        case .boardCPUTies: .atMost(7)
        case .boardCPUTiesBatch: .atMost(3.5)
        case .boardGrowthSubmit, .boardGrowthRank: .atMost(1.3)
        case .boardSlowest: .atMost(1)
        case .autosave: .atMost(0.05)
        case .autosaveBurst: .atMost(2)
        case .operationCommits: .atMost(1)
        case .receipts: .atMost(2)
        case .replicationPatch: .atMost(2)
        case .worldCodec, .worldCodecBody: .atLeast(0.5)
        case .worldChange: .atMost(0.01)
        case .worldSize: .atMost(0.7)
        case .mapGet, .mapSet: .atLeast(0.7)
        case .announcement: .atMost(3)
        case .queueOne: .atMost(1)
        case .queueBatch: .atMost(0.5)
        case .queueDurable: .atLeast(0.6)
        }
    }
}
