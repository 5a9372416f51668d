import Foundation
import GRDB
import HoldfastStorage

/// The log requests of one group, inside its transaction.
struct LogTransaction {
    let database: Database
    let counters: SpaceCounters
    let now: Int64

    func append(_ request: AppendRequest) throws -> AppendOutcome {
        let log = try counters.open(.log, request.log)
        let select = try HotStatement(Statements.entrySequence, in: database)
        select.bind(log.number, at: 1)
        var sequences = try request.entries.map { entry in
            try select.withBytes(entry.id.bytes, at: 2) { try select.first { $0.int64(0) } }
        }
        let new = Int64(sequences.count { $0 == nil })
        if new > 0, let limit = request.limit {
            let expired = try database.first(Statements.countExpired, [log.number, now]) { try $0.int64() } ?? 0
            let count = log.count - expired
            guard count + new <= limit else { return .full(count: Int(count)) }
        }
        let insert = try HotStatement(Statements.insertEntry, in: database)
        insert.bind(log.number, at: 1)
        insert.bind(now, at: 5)
        for (index, entry) in request.entries.enumerated() where sequences[index] == nil {
            log.last += 1
            sequences[index] = log.last
            insert.bind(log.last, at: 2)
            insert.bind(entry.priority, at: 4)
            insert.bind(entry.timeToLiveMillis.map { now + $0 }, at: 6)
            try insert.withBytes(entry.id.bytes, at: 3) {
                _ = try insert.withBytes(entry.value, at: 7) { try insert.run() }
            }
        }
        log.count += new
        return .appended(generation: log.generation, sequences: sequences.compactMap(\.self))
    }

    func trim(_ request: TrimRequest) throws -> Int {
        guard let log = try counters.find(.log, request.log) else { return 0 }
        let removed: Int
        switch request.which {
        case .ids(let ids):
            let delete = try HotStatement(Statements.trimID, in: database)
            delete.bind(log.number, at: 1)
            removed = try ids.reduce(0) { sum, id in
                try sum + delete.withBytes(id.bytes, at: 2) { try delete.run() }
            }
        case .expired:
            removed = try database.run(Statements.trimExpired, [log.number, now, TrimRequest.maximumRemoved])
        case .through(let last):
            removed = try database.run(Statements.trimThrough, [log.number, last, TrimRequest.maximumRemoved])
        }
        log.count -= Int64(removed)
        return removed
    }
}
