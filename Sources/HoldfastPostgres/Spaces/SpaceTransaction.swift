import HoldfastStorage

/// Turns the log and score requests of a group into statements, and their results into replies.
struct SpaceTransaction {
    /// How the results are read; one for each statement.
    private enum Step {
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

    /// What decides whether a request's submissions take effect.
    private enum Gate {
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
    private var appends: [Int: AppendRequest] = [:]
    private var trims: [Int] = []
    private var batches: [Int: ScoreBatch] = [:]
    private var gates: [Int: Gate] = [:]
    private var carriers: [RandomID: Int] = [:]
    /// Tables that a batch names, which therefore creates them.
    private var submitted: Set<SpaceName> = []
    private var projected: [(table: SpaceName, record: RecordID)] = []
    private var steps: [Step] = []

    init(deployment: Int64) {
        self.deployment = deployment
    }

    // MARK: - Requests

    mutating func add(_ append: AppendRequest, request: Int) {
        appends[request] = append
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
        submitted.formUnion(batch.submissions.map(\.table))
        schedule.add(batch.submissions, request: request)
    }

    /// The projections of a commit.
    mutating func add(_ commit: CommitRequest, request: Int) {
        guard !commit.projections.isEmpty, let record = commit.writes.first?.id else { return }
        gates[request] = .record(record)
        projected += Set(commit.projections.map(\.table)).map { ($0, record) }
        schedule.add(commit.projections, request: request)
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
            if !round.appends.isEmpty { add(.appended(round), SQL.append, appending(round)) }
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
        let logs = schedule.logs.map { (kind: Kind.log, name: $0.key, creates: $0.value) }
        let tables = schedule.tables.map { (kind: Kind.scores, name: $0, creates: submitted.contains($0)) }
        let spaces = logs + tables
        let places = Dictionary(uniqueKeysWithValues: zip(tables.map(\.name), (logs.count)...))
        let projected = projected.filter { !submitted.contains($0.table) }
        var parameters = scoped()
        parameters.add(integers: spaces.indices.map { Int64($0) })
        parameters.add(integers: spaces.map(\.kind.rawValue))
        parameters.add(blobs: spaces.map(\.name.bytes))
        parameters.add(blobs: spaces.map { _ in RandomID.random().bytes })
        parameters.add(integers: spaces.map { $0.creates ? 1 : 0 })
        parameters.add(integers: projected.map { places[$0.table].map(Int64.init) })
        parameters.add(projected.map(\.record))
        return parameters
    }

    private func remembering() -> Parameters {
        var parameters = scoped()
        parameters.add(blobs: carriers.keys.map(\.bytes))
        return parameters
    }

    private func appending(_ round: SpaceSchedule.Round) -> Parameters {
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

    // MARK: - Replies

    /// Reads the results of ``statements()``, in their order.
    func replies(_ results: some Sequence<QueryResult>) throws(StoreError) -> [Int: StoreReply] {
        var generations: [Kind: [SpaceName: RandomID]] = [:]
        var full: [Int: Int] = [:]
        var sequences: [Int: [Int64]] = [:]
        var trimmed: [Int: Int] = [:]
        var scores: [Int: [ScoreDecision]] = [:]
        for (step, result) in zip(steps, results) {
            switch step {
            case .ignored: break
            case .opened: generations = try Self.generations(in: result)
            case .trimmed:
                for row in result.rows { trimmed[Int(try row.integer(0)), default: 0] += Int(try row.integer(1)) }
            case .appended(let round): try Self.read(result, of: round, &full, &sequences)
            case .submitted(let round):
                let found = try ScoreDecision.read(result, of: round.submissions)
                for decision in found { scores[decision.submission.request, default: []].append(decision) }
            }
        }
        scores = scores.mapValues { $0.sorted { $0.submission.number < $1.submission.number } }
        var replies: [Int: StoreReply] = [:]
        for (request, append) in appends {
            if let count = full[request] {
                replies[request] = .append(.full(count: count))
            } else if let generation = generations[.log]?[append.log], let numbers = sequences[request] {
                replies[request] = .append(.appended(generation: generation, sequences: numbers))
            }
        }
        for request in trims { replies[request] = .trim(trimmed[request] ?? 0) }
        for (request, batch) in batches {
            var decisions = scores[request] ?? []
            guard decisions.count == batch.submissions.count else { continue }
            if case .repeated(of: let first)? = gates[request] { decisions.takeRefusals(of: scores[first] ?? []) }
            let names = Set(batch.submissions.map(\.table))
            let found = generations[.scores]?.filter { names.contains($0.key) } ?? [:]
            replies[request] = .submit(decisions.outcome(generations: found))
        }
        return replies
    }

    private static func generations(in result: QueryResult) throws(StoreError) -> [Kind: [SpaceName: RandomID]] {
        var generations: [Kind: [SpaceName: RandomID]] = [:]
        for row in result.rows {
            guard let kind = Kind(rawValue: try row.integer(0)), let generation = try row.optionalID(2) else {
                throw StoreError(.corrupt, "a stored log or score table is of a kind that no build writes")
            }
            generations[kind, default: [:]][try SpaceName(bytes: try row.bytes(1))] = generation
        }
        return generations
    }

    private static func read(
        _ result: QueryResult, of round: SpaceSchedule.Round, _ full: inout [Int: Int],
        _ sequences: inout [Int: [Int64]]
    ) throws(StoreError) {
        var numbers: [Int: Int64] = [:]
        for row in result.rows {
            let number = Int(try row.integer(1))
            if try row.integer(0) == 1 {
                numbers[number] = try row.integer(3)
            } else if row.flag(2) {
                full[number] = Int(try row.integer(3))
            }
        }
        var entry = 0
        for append in round.appends {
            let found = (entry..<entry + append.body.entries.count).compactMap { numbers[$0] }
            entry += append.body.entries.count
            if found.count == append.body.entries.count { sequences[append.request] = found }
        }
    }
}
