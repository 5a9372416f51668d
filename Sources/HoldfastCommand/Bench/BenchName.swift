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
        case .mapGet, .mapSet: .atLeast(0.7)
        case .announcement: .atMost(3)
        case .queueOne: .atMost(1)
        case .queueBatch: .atMost(0.5)
        case .queueDurable: .atLeast(0.6)
        }
    }
}
