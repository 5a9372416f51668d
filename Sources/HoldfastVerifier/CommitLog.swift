/// The log of every change of fence, owner, version or content, kept by the database itself.
///
/// Triggers on the record table write it in the transaction of each change, so no build of ours can
/// forget, reorder or embellish an entry. Changes of one row are serialised by the row's lock, so the
/// sequence orders the entries of one key as they were committed. Costs one small insert per write;
/// meant for runs that are to be judged.
public enum CommitLog {
    /// Creates the log's table and triggers in a migrated store.
    ///
    /// Safe to repeat; entries stay.
    ///
    /// - Throws: ``VerifierError``; `notFound` when the store has no record table.
    public static func install(at location: StoreLocation) throws(VerifierError) {
        switch location {
        case .sqlite(let path): try SQLiteCommitLog.install(path: path)
        case .postgres(let url, let password): try PostgresCommitLog.install(url: url, password: password)
        }
    }

    /// Drops the log's triggers and its table with all entries.
    ///
    /// Safe to repeat.
    ///
    /// - Throws: ``VerifierError`` when the store cannot be reached.
    public static func remove(at location: StoreLocation) throws(VerifierError) {
        switch location {
        case .sqlite(let path): try SQLiteCommitLog.remove(path: path)
        case .postgres(let url, let password): try PostgresCommitLog.remove(url: url, password: password)
        }
    }
}
