import GRDB
import HoldfastStorage

/// The tables of the store and the row of its deployment.
enum Layout {
    /// Creates the tables that are missing; refuses a layout that this build may not write.
    ///
    /// Each layout only adds to the one before it, so that builds of both work side by side. Must run inside an
    /// exclusive transaction, so that several processes may start at once.
    static func install(in database: Database) throws {
        var found = 0
        if try exists(in: database) {
            found = try checkVersion(database)
        } else {
            try database.execute(sql: Statements.createLayout)
            try database.run(Statements.insertLayout, [Statements.schema, Statements.minimumReader])
        }
        if found < 2 { try database.execute(sql: Statements.createLayout2) }
        if found < 3 { try database.execute(sql: Statements.createLayout3) }
        try database.run(Statements.raiseSchema, [Statements.schema, Statements.schema])
    }

    /// Checks that the tables are there and readable; returns their schema.
    @discardableResult
    static func check(_ database: Database, _ name: String) throws -> Int {
        guard try exists(in: database) else { throw StoreError.neverMigrated(name) }
        return try checkVersion(database)
    }

    /// Reads the row of a deployment.
    static func deployment(_ name: String, in database: Database) throws -> (number: Int64, deployment: Deployment) {
        guard
            let (schema, reader) = try database.first(Statements.layout, [], { (try $0.int(), try $0.int()) })
        else { throw StoreError(.corrupt, "the layout has no version") }
        let found = try database.first(Statements.deployment, [name]) { row in
            let (number, id) = (try row.int64(), try row.randomID())
            let timings = DeploymentTimings(
                leaseMillis: try row.int64(), renewMillis: try row.int64(), beatMillis: try row.int64()
            )
            return (
                number: number,
                deployment: Deployment(name: name, id: id, timings: timings, schema: schema, minimumReader: reader)
            )
        }
        guard var found else { throw StoreError.neverMigrated(name) }
        if schema >= LayoutNeed.history.schema {
            found.deployment.generation = try generation(of: found.number, in: database)
        }
        return found
    }

    /// Reads the generation of a deployment, which layout 3 brought.
    static func generation(of deployment: Int64, in database: Database) throws -> Int64 {
        guard let generation = try database.first(Statements.generation, [deployment], { try $0.int64() }) else {
            throw StoreError(.corrupt, "a deployment that was there is gone")
        }
        return generation
    }

    private static func exists(in database: Database) throws -> Bool {
        try database.first(Statements.hasLayout) { try $0.int() } == 1
    }

    @discardableResult
    private static func checkVersion(_ database: Database) throws -> Int {
        guard
            let (schema, reader) = try database.first(Statements.layout, [], { (try $0.int(), try $0.int()) })
        else { throw StoreError(.corrupt, "the layout has no version") }
        guard reader <= Statements.schema else {
            throw StoreError(
                .newerSchema,
                "the store has layout \(schema), which needs a build of layout \(reader); "
                    + "this one knows \(Statements.schema)"
            )
        }
        return schema
    }
}
