extension BackupStore {
    /// Writes everything that the deployment holds into one file, as of one moment and while the fleet goes on; durable
    /// once it returns, and until then there is no such file.
    ///
    /// Takes as long as reading all of it; memory for a page of 1 MiB and its longest row. What Redis alone has is not
    /// in it: leases, hot copies, fast queues, maps, ranks.
    ///
    /// - Parameters:
    ///   - path: A file that does not exist yet; its folder must.
    ///   - progress: Told of each page: rows, and bytes of the file.
    /// - Throws: ``StoreError``: `badInput` where the file exists; `notFound`, `denied`, `diskFull`; `wrongDeployment`
    ///   for a layout before 3; what the store throws. `CancellationError`.
    public func backUp(
        to path: String, progress: (_ rows: Int, _ bytes: Int) -> Void = { _, _ in }
    ) async throws -> BackupSummary {
        let file = try BackupFile(creating: path)
        let (createdAt, began) = (WallClock.milliseconds(), ContinuousClock.now)
        let snapshot = try await openSnapshot()
        do {
            let summary = try await Self.write(snapshot, createdAt, to: file, progress)
            await snapshot.close()
            StorageMetrics.backupTime.record(duration: ContinuousClock.now - began)
            StorageMetrics.backupBytes.record(summary.bytes)
            return summary
        } catch {
            await snapshot.close()
            file.abandon()
            throw error
        }
    }

    private static func write(
        _ snapshot: any StoreSnapshot, _ createdAt: Int64, to file: BackupFile, _ progress: (Int, Int) -> Void
    ) async throws -> BackupSummary {
        let header = BackupHeader(deployment: snapshot.deployment, createdAtMillis: createdAt)
        var encoder = BackupEncoder(header)
        try file.write(try encoder.start())
        while let rows = try await snapshot.next() {
            try Task.checkCancellation()
            let bytes = try encoder.page(rows)
            try file.write(bytes)
            progress(rows.count, bytes.count)
        }
        let (bytes, summary) = try encoder.finish()
        try file.write(bytes)
        try file.complete()
        return summary
    }
}

/// Looks into backup files.
public enum Backup {
    /// Reads what a backup says of itself; nothing else of it is checked.
    ///
    /// - Throws: ``StoreError`` as ``verify(_:progress:)``.
    public static func header(of path: String) throws(StoreError) -> BackupHeader {
        let input = try BackupInput(path)
        return try BackupDecoder { count throws(StoreError) in try input.read(count) }.header
    }

    /// Reads all of a backup and checks that it is complete and as it was written.
    ///
    /// - Throws: ``StoreError``: `corrupt` for a file that was cut off or altered or is none; `newerSchema` for one of
    ///   a newer build; `notFound`, `denied`, `unavailable`. `CancellationError`.
    public static func verify(
        _ path: String, progress: (_ rows: Int, _ bytes: Int) -> Void = { _, _ in }
    ) async throws -> BackupSummary {
        let input = try BackupInput(path)
        var read = 0
        var decoder = try BackupDecoder { count throws(StoreError) in
            let bytes = try input.read(count)
            read += bytes.count
            return bytes
        }
        while let rows = try decoder.next() {
            try Task.checkCancellation()
            progress(rows.count, read)
            read = 0
            await Task.yield()
        }
        guard let summary = decoder.summary else { throw StoreError(.internalError, "a backup without an end") }
        return summary
    }
}
