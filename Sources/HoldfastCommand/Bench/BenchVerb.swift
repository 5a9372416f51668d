import ArgumentParser
import Foundation
import Logging

struct BenchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure each figure beside its ceiling, in the same run on the same machine.",
        discussion: """
            Rows: \(BenchName.allCases.map(\.rawValue).joined(separator: ", ")); a family such as client or save \
            names all its rows. Starts private servers in temporary folders, and measures save-postgres on the \
            database of --store where that is one. Each row is the median of \(BenchPair.count) pairs in alternating \
            order. Example:
              holdfast bench client lease --seconds 2 --json
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("Rows or families of rows; all without any.", valueName: "name"))
    var names: [String] = []

    @Option(help: ArgumentHelp("How long each single run lasts, 0.1 to 60.", valueName: "seconds"))
    var seconds = 1.0

    @Option(help: ArgumentHelp("The export of a world, for world-codec and world-size.", valueName: "file"))
    var terrain: String?

    /// A store with the documents to open: prints the bytes that each open session takes, and ends.
    @Option(help: .hidden)
    var sessionsChild: String?

    /// The socket of a Redis whose announcements are heard until the process is ended.
    @Option(help: .hidden)
    var announcementChild: String?

    func validate() throws {
        guard (0.1...60).contains(seconds) else { throw ValidationError("--seconds takes 0.1 to 60") }
        for word in names where BenchName.matching(word).isEmpty {
            let known = BenchName.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no row \(word.debugDescription); the rows are \(known)")
        }
    }

    /// Bounded by the number of runs and the length of each.
    func deadline(timeout: Duration) -> Duration? { nil }

    func perform(_ invocation: Invocation) async throws {
        if let sessionsChild {
            let bytes = try await SessionsRow().measure(sessionsChild, logger: invocation.logger)
            return try invocation.output.print("\(bytes)")
        }
        if let announcementChild {
            return try await AnnouncementRow().subscribe(announcementChild, logger: invocation.logger)
        }
        #if DEBUG
            Output.complain("holdfast: this is a debug build, whose ratios mean little; use Deploy/run bench")
        #endif
        let wanted = Set(names.flatMap { BenchName.matching($0) })
        let rows = BenchName.allCases.filter { names.isEmpty || wanted.contains($0) }
        let progress = Progress("bench", totalBytes: rows.count * BenchPair.count)
        defer { progress.finish() }
        let context = BenchContext(
            seconds: seconds, postgres: postgres(invocation.settings), terrain: terrain,
            logger: invocation.logger,
            finishedPair: { progress.advance(items: 1, bytes: 1) })
        for name in rows {
            try Task.checkCancellation()
            do {
                let row = try await measure(name, context)
                try invocation.output.print(row.document) { row.text(goal: name.goal) }
                try invocation.output.flush()
            } catch let skipped as BenchSkip {
                Output.complain("holdfast: \(name.rawValue) skipped: \(skipped.reason)")
            }
        }
    }

    private func measure(_ name: BenchName, _ context: BenchContext) async throws -> BenchRow {
        switch name {
        case .client50: try await ClientRow(name: name, tasks: 50, onLoop: false).run(context)
        case .client500: try await ClientRow(name: name, tasks: 500, onLoop: false).run(context)
        case .client1: try await ClientRow(name: name, tasks: 1, onLoop: false).run(context)
        case .client1Loop: try await ClientRow(name: name, tasks: 1, onLoop: true).run(context)
        case .lease: try await LeaseRow().run(context)
        case .saveSQLite: try await SaveRows().sqlite(context)
        case .savePostgres: try await SaveRows().postgres(context)
        case .sessions: try await SessionsRow().run(context)
        case .boardSubmit50: try await BoardSpeedRow(name: name, tasks: 50, operation: .submit).run(context)
        case .boardSubmit500: try await BoardSpeedRow(name: name, tasks: 500, operation: .submit).run(context)
        case .boardRank50: try await BoardSpeedRow(name: name, tasks: 50, operation: .rank).run(context)
        case .boardRank500: try await BoardSpeedRow(name: name, tasks: 500, operation: .rank).run(context)
        case .boardCPUOne: try await BoardCostRow(name: name, ties: .id, batch: 1).run(context)
        case .boardCPUBatch: try await BoardCostRow(name: name, ties: .id, batch: 100).run(context)
        case .boardCPUTies: try await BoardCostRow(name: name, ties: .first, batch: 1).run(context)
        case .boardCPUTiesBatch: try await BoardCostRow(name: name, ties: .first, batch: 100).run(context)
        case .boardGrowthSubmit: try await BoardGrowthRow(name: name, operation: .submit).run(context)
        case .boardGrowthRank: try await BoardGrowthRow(name: name, operation: .rank).run(context)
        case .boardDurableSQLite: try await BoardDurableRow(name: name).sqlite(context)
        case .boardDurablePostgres: try await BoardDurableRow(name: name).postgres(context)
        case .boardSlowest: try await BoardSlowestRow(name: name).run(context)
        case .autosave: try await AutosaveRow().cost(context)
        case .autosaveBurst: try await AutosaveRow().burst(context)
        case .operationCommits: try await DeliveryRow().run(context)
        case .receipts: try await ReceiptsRow().run(context)
        case .replicationPatch: try await ReplicationRow().run(context)
        case .worldCodec: try await WorldCodecRow(name: name).onBlocks(context)
        case .worldCodecBody: try await WorldCodecRow(name: name).onBodies(context)
        case .worldChange: try await WorldChangeRow().run(context)
        case .worldSize: try await WorldSizeRow().run(context)
        case .mapGet: try await MapRow(name: name, operation: .get).run(context)
        case .mapSet: try await MapRow(name: name, operation: .set).run(context)
        case .announcement: try await AnnouncementRow().run(context)
        case .queueOne: try await QueueRow().calls(context)
        case .queueBatch: try await QueueRow().batch(context)
        case .queueDurable: try await DurableQueueRow().run(context)
        }
    }

    private func postgres(_ settings: Settings) -> BenchContext.PostgresTarget? {
        guard case .postgres(let url) = settings.store else { return nil }
        return BenchContext.PostgresTarget(url: url, password: settings.storePassword)
    }
}
