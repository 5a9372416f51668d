import HoldfastStorage

/// Reads a collection in key order and hands out one line for each profile.
struct ExportRun: Sendable {
    private static let pageSize = 200

    let collection: CollectionName
    let store: any DurableStore
    let progress: Progress

    /// Returns how many lines were written, and how many profiles could not be read and were reported.
    ///
    /// - Throws: What ends the whole export: a store that is gone, a destination that cannot be written.
    func run(_ write: ([UInt8]) throws -> Void) async throws -> (exported: Int, failed: Int) {
        var exported = 0
        var failed = 0
        var after: Key?
        while true {
            try Task.checkCancellation()
            let page = try await store.list(collection, startingWith: [], after: after, limit: Self.pageSize)
            let lines = try await read(page.map(\.key))
            for (key, line) in zip(page.map(\.key), lines) {
                switch line {
                case .success(nil): break
                case .success(let line?):
                    exported += 1
                    try write(line)
                case .failure(let error):
                    failed += 1
                    Output.complain(error.on(key: key.description).line)
                }
                progress.advance(items: 1)
            }
            guard page.count == Self.pageSize, let last = page.last else { return (exported, failed) }
            after = last.key
        }
    }

    /// Reads a page's profiles side by side, in the order of `keys`; nil for one deleted meanwhile.
    private func read(_ keys: [Key]) async throws -> [Result<[UInt8]?, CommandError>] {
        try await withThrowingTaskGroup(of: (Int, Result<[UInt8]?, CommandError>).self) { group in
            var lines = [Result<[UInt8]?, CommandError>](repeating: .success(nil), count: keys.count)
            for (index, key) in keys.enumerated() {
                if index >= 32, let (done, line) = try await group.next() { lines[done] = line }
                group.addTask { (index, try await read(key)) }
            }
            while let (done, line) = try await group.next() { lines[done] = line }
            return lines
        }
    }

    private func read(_ key: Key) async throws -> Result<[UInt8]?, CommandError> {
        do throws(StoreError) {
            guard let content = try await store.read(RecordID(collection: collection, key: key))?.content else {
                return .success(nil)
            }
            var fields: [OutputValue.Field] = [
                .init(name: "key", value: .string(key.description)),
                .init(name: "data", value: .raw(try content.payload.document())),
            ]
            if !content.userIDs.isEmpty {
                fields.append(.init(name: "userIds", value: .array(content.userIDs.map { .string($0) })))
            }
            if let metadata = try StoredMetadata.checked(content.metadata) {
                fields.append(.init(name: "metadata", value: .raw(metadata)))
            }
            return .success(OutputWriter.bytes(.object(fields)))
        } catch {
            guard error.code == .corrupt || error.code == .newerSchema else { throw CommandError(error) }
            return .failure(CommandError(error, key: key.description))
        }
    }
}
