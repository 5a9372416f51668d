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

        func pendingOperations(of records: [RecordID]) async throws(StoreError) -> [OperationRecord] {
            try await base.pendingOperations(of: records)
        }

        func operations(of record: RecordID, after sequence: Int64, limit: Int) async throws(StoreError)
            -> [OperationRecord]
        {
            try await base.operations(of: record, after: sequence, limit: limit)
        }

        func operation(_ id: OperationID, of record: RecordID) async throws(StoreError) -> OperationRecord? {
            try await base.operation(id, of: record)
        }

        func raiseFence(of id: RecordID) async throws(StoreError) -> Int64? { try await base.raiseFence(of: id) }
        func status() async throws(StoreError) -> StoreStatus { try await base.status() }
        func close() async { await base.close() }
    }
#endif
