import Foundation
import GRDB
import HoldfastStorage

/// The counters of the logs and score tables that one group touches: read once, written once at its end.
///
/// SQLite's one writer is the lock under which numbers are handed out.
final class SpaceCounters {
    enum Kind: Int64 {
        case log = 1
        case scores = 2
    }

    /// One row of the table of spaces.
    final class Space {
        let number: Int64
        let generation: RandomID
        /// The last sequence or change number handed out.
        var last: Int64
        /// Entries, the expired ones included, or members.
        var count: Int64

        fileprivate var written: (last: Int64, count: Int64)

        fileprivate init(number: Int64, generation: RandomID, last: Int64, count: Int64) {
            self.number = number
            self.generation = generation
            self.last = last
            self.count = count
            self.written = (last, count)
        }

        /// The same as the rules of scores see it.
        var counter: ScoreCounter {
            get { ScoreCounter(generation: generation, last: last, members: Int(count)) }
            set { (last, count) = (newValue.last, Int64(newValue.members)) }
        }
    }

    private let database: Database
    private let deployment: Int64
    private var spaces: [Kind: [SpaceName: Space]] = [:]

    init(_ database: Database, deployment: Int64) {
        self.database = database
        self.deployment = deployment
    }

    /// Finds a space; nil when there is none.
    func find(_ kind: Kind, _ name: SpaceName) throws -> Space? {
        if let known = spaces[kind]?[name] { return known }
        let found = try Self.read(kind, name, deployment, database)
        spaces[kind, default: [:]][name] = found
        return found
    }

    /// Finds a space, or creates it under a new generation.
    func open(_ kind: Kind, _ name: SpaceName) throws -> Space {
        if let found = try find(kind, name) { return found }
        let generation = RandomID.random()
        try database.run(Statements.insertSpace, [deployment, kind.rawValue, Data(name.bytes), generation.data])
        let space = Space(number: database.lastInsertedRowID, generation: generation, last: 0, count: 0)
        spaces[kind, default: [:]][name] = space
        return space
    }

    /// Writes the counters that moved.
    func flush() throws {
        let moved = spaces.values.flatMap(\.values).filter { $0.written != ($0.last, $0.count) }
        guard !moved.isEmpty else { return }
        let update = try HotStatement(Statements.updateSpace, in: database)
        for space in moved {
            update.bind(space.number, at: 1)
            update.bind(space.last, at: 2)
            update.bind(space.count, at: 3)
            try update.run()
            space.written = (space.last, space.count)
        }
    }

    /// Reads a space as it is stored.
    static func read(
        _ kind: Kind, _ name: SpaceName, _ deployment: Int64, _ database: Database
    ) throws -> Space? {
        try database.first(Statements.space, [deployment, kind.rawValue, Data(name.bytes)]) { row in
            Space(
                number: try row.int64(), generation: try row.randomID(), last: try row.int64(), count: try row.int64())
        }
    }
}
