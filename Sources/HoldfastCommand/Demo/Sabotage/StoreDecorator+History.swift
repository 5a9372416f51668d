#if DEBUG
    import HoldfastStorage

    extension StoreDecorator {
        func parts(
            of id: RecordID, startingWith prefix: [UInt8], after: PartName?, limit: Int
        ) async throws(StoreError) -> [Part] {
            try await base.parts(of: id, startingWith: prefix, after: after, limit: limit)
        }

        func parts(of id: RecordID, names: [PartName]) async throws(StoreError) -> [Part?] {
            try await base.parts(of: id, names: names)
        }

        func partSummary(of id: RecordID) async throws(StoreError) -> (count: Int, bytes: Int) {
            try await base.partSummary(of: id)
        }

        func history(
            of id: RecordID, before version: Int64?, limit: Int
        ) async throws(StoreError) -> [HistoryEntry] {
            try await base.history(of: id, before: version, limit: limit)
        }

        func historyContent(of id: RecordID, version: Int64) async throws(StoreError) -> Content? {
            try await base.historyContent(of: id, version: version)
        }

        func keepCurrent(of id: RecordID, reason: String) async throws(StoreError) -> Int64? {
            try await base.keepCurrent(of: id, reason: reason)
        }

        func pruneHistory(replacedBefore millis: Int64, limit: Int) async throws(StoreError) -> Int {
            try await base.pruneHistory(replacedBefore: millis, limit: limit)
        }

        func records(
            ofUser userID: String, after: RecordID?, limit: Int
        ) async throws(StoreError) -> [RecordID] {
            try await base.records(ofUser: userID, after: after, limit: limit)
        }

        func erase(_ id: RecordID) async throws(StoreError) -> Bool {
            try await base.erase(id)
        }

        func rememberErasure(ofUser userID: String) async throws(StoreError) {
            try await base.rememberErasure(ofUser: userID)
        }

        func erasures(after userID: String?, limit: Int) async throws(StoreError) -> [Erasure] {
            try await base.erasures(after: userID, limit: limit)
        }

        func verdict(of trade: RandomID) async throws(StoreError) -> Decision.Verdict? {
            try await base.verdict(of: trade)
        }

        func bumpGeneration() async throws(StoreError) -> Int64 {
            try await base.bumpGeneration()
        }
    }
#endif
