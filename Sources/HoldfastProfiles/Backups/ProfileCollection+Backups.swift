public import HoldfastStorage

extension ProfileCollection {
    /// The periodic copies of a profile, newest first, from the store that ``CoordinatorConfiguration/backups`` names.
    ///
    /// Copies are made by the fleet: see ``BackupPolicy``. Reads them whole.
    ///
    /// - Throws: ``ProfileError``: `unavailable`, `corrupt`.
    public func backups(of key: Key) async throws(ProfileError) -> [ProfileBackup] {
        let id = RecordID(collection: name, key: key)
        do {
            return try await host.backupVault.backups(of: id)
        } catch let error as StoreError {
            throw ProfileError(error, record: id)
        } catch {
            throw ProfileError(.internalError, "\(error)", record: id, underlying: error)
        }
    }

    /// Brings back a periodic copy of a profile, durably, as a new version of its own; what it replaces is kept.
    ///
    /// As ``restore(_:to:takesOver:timeout:)`` in everything else.
    ///
    /// - Throws: ``ProfileError`` as ``restore(_:to:takesOver:timeout:)``; `badInput` for a copy of another profile.
    public func restore(
        _ key: Key, from backup: ProfileBackup, takesOver: Bool = false, timeout: Duration? = nil
    ) async throws(ProfileError) -> RestoreReceipt {
        guard backup.id == RecordID(collection: name, key: key) else {
            throw ProfileError(
                .badInput, "the copy is of \(backup.id)", record: RecordID(collection: name, key: key))
        }
        let version = backup.asVersion
        return try await restore(key, takesOver: takesOver, timeout: timeout) { _ throws(ProfileError) in version }
    }
}
