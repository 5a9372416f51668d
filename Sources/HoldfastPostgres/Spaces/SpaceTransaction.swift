import HoldfastStorage

/// Turns the log and score requests of a group into statements, and their results into replies.
struct SpaceTransaction {
    /// How the results are read; one for each statement.
    enum Step {
        case ignored
        case opened
        case appended(SpaceSchedule.Round)
        case trimmed
        case submitted(SpaceSchedule.Round)
    }

    /// As the table of spaces has it.
    enum Kind: Int64 {
        case log = 1
        case scores = 2
    }

    /// What decides whether a request's submissions, or the entries of a commit, take effect.
    enum Gate {
        /// The batch was not applied before.
        case batch(RandomID)
        /// The commit wrote this record.
        case record(RecordID)
        /// An earlier request of the group carries the same batch.
        case repeated(of: Int)

        var batch: RandomID? {
            if case .batch(let id) = self { id } else { nil }
        }

        var record: RecordID? {
            if case .record(let id) = self { id } else { nil }
        }
    }

    private let deployment: Int64
    private var schedule = SpaceSchedule()
    private(set) var appends: [Int: AppendRequest] = [:]
    private(set) var trims: [Int] = []
    private(set) var batches: [Int: ScoreBatch] = [:]
    private(set) var gates: [Int: Gate] = [:]
    private var carriers: [RandomID: Int] = [:]
    /// Logs that an append names and tables that a batch names, which therefore create them.
    private var created: [Kind: Set<SpaceName>] = [:]
    /// What a commit names, which creates it if it is carried out.
    private var projected: [(kind: Kind, name: SpaceName, record: RecordID)] = []
    private var carriedAppends = 0
    private(set) var steps: [Step] = []

    init(deployment: Int64) {
        self.deployment = deployment
    }

    // MARK: - Requests

    mutating func add(_ append: AppendRequest, request: Int) {
        appends[request] = append
        created[.log, default: []].insert(append.log)
        schedule.add(append, request: request)
    }

    mutating func add(_ trim: TrimRequest, request: Int) {
        trims.append(request)
        schedule.add(trim, request: request)
    }

    mutating func add(_ batch: ScoreBatch, request: Int) {
        batches[request] = batch
        if let first = carriers[batch.id] {
            gates[request] = .repeated(of: first)
        } else {
            carriers[batch.id] = request
            gates[request] = .batch(batch.id)
        }
        created[.scores, default: []].formUnion(batch.submissions.map(\.table))
        schedule.add(batch.submissions, request: request)
    }

    /// The projections and entries of a commit.
    mutating func add(_ commit: CommitRequest, request: Int) {
        guard let record = commit.writes.first?.id else { return }
        if !commit.projections.isEmpty {
            gates[request] = .record(record)
            projected += Set(commit.projections.map(\.table)).map { (.scores, $0, record) }
            schedule.add(commit.projections, request: request)
        }
        for append in commit.entries {
            carriedAppends += 1
            gates[-carriedAppends] = .record(record)
            projected.append((.log, append.log, record))
            schedule.add(append, request: -carriedAppends)
        }
    }

    // MARK: - Statements

    /// The statements of all requests added, to run behind those of the records.
    mutating func statements() -> [Statement] {
        guard !schedule.isEmpty else { return [] }
        var statements: [Statement] = []
        func add(_ step: Step, _ sql: String, _ parameters: Parameters) {
            steps.append(step)
            statements.append(Statement(sql, parameters))
        }
        add(.opened, SQL.openSpaces, opening())
        if !carriers.isEmpty { add(.ignored, SQL.rememberBatches, remembering()) }
        for round in schedule.rounds {
            if !round.appends.isEmpty {
                let isCarried = round.appends.contains { gates[$0.request] != nil }
                add(.appended(round), isCarried ? SQL.appendCarried : SQL.append, appending(round, isCarried))
            }
            if !round.ids.isEmpty { add(.trimmed, SQL.trimIDs, trimmingIDs(round)) }
            if !round.through.isEmpty { add(.trimmed, SQL.trimThrough, trimmingThrough(round)) }
            if !round.expired.isEmpty { add(.trimmed, SQL.trimExpired, trimmingExpired(round)) }
            if !round.submissions.isEmpty {
                let hasChains = round.submissions.contains { submission in
                    submission.previous != nil || submission.body.conditions.maximumMembers != nil
                }
                add(.submitted(round), hasChains ? SQL.submitChains : SQL.submit, submitting(round))
            }
        }
        if !carriers.isEmpty { add(.ignored, SQL.sweep, Self.sweeping(rows: Self.sweptByAGroup)) }
        return statements
    }

    /// Rows of dropped spaces that a group removes beside its own work.
    private static let sweptByAGroup: Int64 = 250

    /// The parameters of ``SQL/sweep``.
    static func sweeping(rows: Int64) -> Parameters {
        var parameters = Parameters()
        parameters.add(ScoreBatch.memoryMillis)
        parameters.add(Int64(ScoreBatch.forgottenAtOnce))
        parameters.add(rows)
        return parameters
    }

    private func opening() -> Parameters {
        let logs = schedule.logs.map { (kind: Kind.log, name: $0) }
        let spaces = logs + schedule.tables.map { (kind: Kind.scores, name: $0) }
        let creates = spaces.map { created[$0.kind]?.contains($0.name) == true }
        var places: [Kind: [SpaceName: Int]] = [:]
        for (place, space) in spaces.enumerated() where !creates[place] {
            places[space.kind, default: [:]][space.name] = place
        }
        let projected = projected.compactMap { space in
            places[space.kind]?[space.name].map { (place: Int64($0), record: space.record) }
        }
        var parameters = scoped()
        parameters.add(integers: spaces.indices.map { Int64($0) })
        parameters.add(integers: spaces.map(\.kind.rawValue))
        parameters.add(blobs: spaces.map(\.name.bytes))
        parameters.add(blobs: spaces.map { _ in RandomID.random().bytes })
        parameters.add(integers: creates.map { $0 ? 1 : 0 })
        parameters.add(integers: projected.map(\.place))
        parameters.add(projected.map(\.record))
        return parameters
    }

    private func remembering() -> Parameters {
        var parameters = scoped()
        parameters.add(blobs: carriers.keys.map(\.bytes))
        return parameters
    }

    private func appending(_ round: SpaceSchedule.Round, _ isCarried: Bool) -> Parameters {
        // Without a bound nothing depends on the request before.
        let bounded = Set(round.appends.filter { $0.body.limit != nil }.map(\.body.log))
        var parameters = scoped()
        parameters.add(integers: round.appends.map { Int64($0.request) })
        parameters.add(blobs: round.appends.map(\.body.log.bytes))
        parameters.add(integers: round.appends.map { $0.body.limit.map(Int64.init) })
        parameters.add(
            integers: round.appends.map { bounded.contains($0.body.log) ? $0.previous.map(Int64.init) : nil })
        let entries = round.appends.flatMap { append in append.body.entries.map { (append.request, $0) } }
        parameters.add(integers: entries.indices.map { Int64($0) })
        parameters.add(integers: entries.map { Int64($0.0) })
        parameters.add(blobs: entries.map(\.1.id.bytes))
        parameters.add(blobs: entries.map(\.1.value))
        parameters.add(doubles: entries.map(\.1.priority))
        parameters.add(integers: entries.map(\.1.timeToLiveMillis))
        guard isCarried else { return parameters }
        parameters.add(texts: round.appends.map { gates[$0.request]?.record?.collection.description })
        parameters.add(blobs: round.appends.map { gates[$0.request]?.record?.key.bytes })
        return parameters
    }

    private func trimmingIDs(_ round: SpaceSchedule.Round) -> Parameters {
        var parameters = scoped()
        parameters.add(integers: round.ids.map { Int64($0.request) })
        parameters.add(blobs: round.ids.map(\.log.bytes))
        parameters.add(blobs: round.ids.map(\.id.bytes))
        return parameters
    }

    private func trimmingThrough(_ round: SpaceSchedule.Round) -> Parameters {
        var parameters = scoped()
        parameters.add(integers: round.through.map { Int64($0.request) })
        parameters.add(blobs: round.through.map(\.log.bytes))
        parameters.add(integers: round.through.map(\.last))
        parameters.add(Int64(TrimRequest.maximumRemoved))
        return parameters
    }

    private func trimmingExpired(_ round: SpaceSchedule.Round) -> Parameters {
        var parameters = scoped()
        parameters.add(integers: round.expired.map { Int64($0.request) })
        parameters.add(blobs: round.expired.map(\.log.bytes))
        parameters.add(Int64(TrimRequest.maximumRemoved))
        return parameters
    }

    private func submitting(_ round: SpaceSchedule.Round) -> Parameters {
        let submissions = round.submissions
        let requests = Set(submissions.map(\.request)).sorted()
        let tables = Array(Set(submissions.map(\.body.table)))
        let requestPlaces = Dictionary(uniqueKeysWithValues: zip(requests, 1...))
        let tablePlaces = Dictionary(uniqueKeysWithValues: zip(tables, 1...))
        var parameters = scoped()
        parameters.add(integers: requests.indices.map { Int64($0 + 1) })
        parameters.add(blobs: requests.map { gates[$0]?.batch?.bytes })
        parameters.add(texts: requests.map { gates[$0]?.record?.collection.description })
        parameters.add(blobs: requests.map { gates[$0]?.record?.key.bytes })
        parameters.add(integers: requests.map { schedule.firstNumbers[$0].map(Int64.init) })
        parameters.add(integers: tables.indices.map { Int64($0 + 1) })
        parameters.add(blobs: tables.map(\.bytes))
        parameters.add(integers: submissions.map { Int64($0.number) })
        parameters.add(integers: submissions.map { requestPlaces[$0.request].map(Int64.init) })
        parameters.add(integers: submissions.map { tablePlaces[$0.body.table].map(Int64.init) })
        parameters.add(integers: submissions.map { $0.previous.map(Int64.init) })
        parameters.add(submissions.map(\.body))
        return parameters
    }

    private func scoped() -> Parameters {
        var parameters = Parameters()
        parameters.add(deployment)
        return parameters
    }
}
