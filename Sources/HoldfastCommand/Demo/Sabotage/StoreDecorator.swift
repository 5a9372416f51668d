#if DEBUG
    import HoldfastStorage

    /// A store that passes everything on to another, but for what it replaces.
    protocol StoreDecorator: DurableStore {
        var base: any DurableStore { get }
    }

    extension StoreDecorator {
        func migrate(_ deployment: DeploymentTimings) async throws(StoreError) -> Deployment {
            try await base.migrate(deployment)
        }

        func deployment() async throws(StoreError) -> Deployment { try await base.deployment() }

        func read(_ id: RecordID) async throws(StoreError) -> Record? { try await base.read(id) }

        func list(_ collection: CollectionName, startingWith prefix: [UInt8], after: Key?, limit: Int)
            async throws(StoreError) -> [RecordSummary]
        {
            try await base.list(collection, startingWith: prefix, after: after, limit: limit)
        }

        func collections() async throws(StoreError) -> [(name: CollectionName, records: Int)] {
            try await base.collections()
        }

        func totals(of collection: CollectionName) async throws(StoreError) -> CollectionTotals {
            try await base.totals(of: collection)
        }

        func eraseHistory(ofUser userID: String, limit: Int) async throws(StoreError) -> Int {
            try await base.eraseHistory(ofUser: userID, limit: limit)
        }

        func raiseFence(of id: RecordID, unlessAbove token: Int64?) async throws(StoreError) -> Int64? {
            try await base.raiseFence(of: id, unlessAbove: token)
        }

        func entries(of log: SpaceName, after sequence: Int64, limit: Int) async throws(StoreError) -> LogPage? {
            try await base.entries(of: log, after: sequence, limit: limit)
        }

        func logs(startingWith prefix: [UInt8], after: SpaceName?, limit: Int) async throws(StoreError)
            -> [SpaceSummary]
        {
            try await base.logs(startingWith: prefix, after: after, limit: limit)
        }

        func scores(of table: SpaceName, changedAfter change: Int64, limit: Int) async throws(StoreError) -> ScorePage?
        {
            try await base.scores(of: table, changedAfter: change, limit: limit)
        }

        func scores(of table: SpaceName, members: [Key]) async throws(StoreError) -> [ScoreRow?] {
            try await base.scores(of: table, members: members)
        }

        func scoreTables(startingWith prefix: [UInt8], after: SpaceName?, limit: Int) async throws(StoreError)
            -> [SpaceSummary]
        {
            try await base.scoreTables(startingWith: prefix, after: after, limit: limit)
        }

        func dropSpace(_ name: SpaceName) async throws(StoreError) { try await base.dropSpace(name) }

        func definition(_ name: SpaceName) async throws(StoreError) -> Definition? { try await base.definition(name) }

        func definitions(startingWith prefix: [UInt8], after: SpaceName?, limit: Int) async throws(StoreError)
            -> [Definition]
        {
            try await base.definitions(startingWith: prefix, after: after, limit: limit)
        }

        func putDefinition(_ name: SpaceName, value: [UInt8]?, ifVersion version: Int64) async throws(StoreError)
            -> DefinitionOutcome
        {
            try await base.putDefinition(name, value: value, ifVersion: version)
        }

        func settleRestore(from position: RestorePosition) async throws(StoreError) -> RestoreStep {
            try await base.settleRestore(from: position)
        }

        func status() async throws(StoreError) -> StoreStatus { try await base.status() }
        func close() async { await base.close() }
    }
#endif
