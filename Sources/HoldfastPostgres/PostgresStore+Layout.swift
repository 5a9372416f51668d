public import HoldfastStorage
internal import Synchronization

// The layout of the store, and the deployment in it.

extension PostgresStore {
    private static let upgradeTimeout = Duration.seconds(600)

    /// Creates what is missing of the schema `holdfast` and registers the deployment, in one transaction.
    ///
    /// Durable. Several processes may do so at once. A user without the right to create a schema may migrate once it is
    /// there. Upgrading an older layout takes a connection of its own and may take up to ten minutes; while an index is
    /// built, seconds for a million records or operations, the database lets nobody write to that table.
    public func migrate(_ timings: DeploymentTimings) async throws(StoreError) -> Deployment {
        var statements = [Statement(SQL.migrationLock)]
        let found = try await foundLayout()
        if found < 1 { statements += SQL.createLayout.map { Statement($0) } }
        if found < 2 { statements += SQL.createLayout2.map { Statement($0) } }
        if found < 3 { statements += SQL.createLayout3.map { Statement($0) } }
        var registration = Parameters()
        registration.add(name)
        registration.add(RandomID.random().bytes)
        registration.add(timings.leaseMillis)
        registration.add(timings.renewMillis)
        registration.add(timings.beatMillis)
        statements.append(Statement(SQL.registerDeployment, registration))
        if found < Self.schema { try await upgrade(statements) } else { _ = try await transact(statements) }
        return try await deployment()
    }

    /// New indexes of a large store take their time, in which other calls have the connection of groups.
    private func upgrade(_ statements: [Statement]) async throws(StoreError) {
        let lane = ownLane("holdfast migrate").lane
        let result: Result<Void, StoreError>
        do throws(StoreError) {
            _ = try await transact(statements, within: Self.upgradeTimeout, on: lane)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await lane.close()
        try result.get()
    }

    /// The layout that is there, 0 for none; one of a newer build that this one may still use counts.
    private func foundLayout() async throws(StoreError) -> Int64 {
        do {
            return try await layout()?.integer(0) ?? 0
        } catch {
            // Answered by a database that has no such table.
            guard error.code == .wrongDeployment else { throw error }
            return 0
        }
    }

    /// The row of ``SQL/deployment``; nil when the layout is not complete.
    private func layout() async throws(StoreError) -> QueryResult.Row? {
        var parameters = Parameters()
        parameters.add(name)
        guard let row = try await query(SQL.deployment, parameters).first else { return nil }
        let minimumReader = try row.integer(1)
        guard minimumReader <= Self.schema else {
            throw StoreError(
                .newerSchema,
                "the layout of the store needs a build of layout \(minimumReader) or newer, this one has \(Self.schema)"
            )
        }
        return row
    }

    /// Reads the deployment afresh, with the layout it lives in.
    public func deployment() async throws(StoreError) -> Deployment {
        guard let row = try await layout(), let number = try row.optionalInteger(2),
            let deployment = try Self.deployment(name, row)
        else { throw StoreError.neverMigrated(name) }
        known.withLock { $0 = (number, deployment.schema) }
        return deployment
    }

    /// Reads a row of ``SQL/deployment``; nil where the layout has no such deployment.
    static func deployment(_ name: String, _ row: QueryResult.Row) throws(StoreError) -> Deployment? {
        guard let id = try row.optionalID(3) else { return nil }
        return Deployment(
            name: name, id: id,
            timings: DeploymentTimings(
                leaseMillis: try row.integer(4), renewMillis: try row.integer(5), beatMillis: try row.integer(6)),
            schema: Int(try row.integer(0)), minimumReader: Int(try row.integer(1)), generation: try row.integer(7))
    }

    /// Asks for the versions of server and layout.
    public func status() async throws(StoreError) -> StoreStatus {
        guard let row = try await query(SQL.status, Parameters()).first, let schema = try row.optionalInteger(1) else {
            throw StoreError.neverMigrated(name)
        }
        return StoreStatus(kind: "postgres", version: try row.text(0), schema: Int(schema))
    }
}
