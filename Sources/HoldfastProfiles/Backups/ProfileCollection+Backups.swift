public import HoldfastStorage

extension ProfileCollection {
    /// The periodic copies of a profile, newest first, from the store that ``CoordinatorConfiguration/backups`` names.
    ///
    /// Copies are made by the fleet: see ``BackupPolicy``. Reads their documents, and no parts.
    ///
    /// - Throws: ``ProfileError``: `unavailable`, `corrupt`.
    public func backups(of key: Key) async throws(ProfileError) -> [ProfileBackup] {
        let id = RecordID(collection: name, key: key)
        do {
            return try await host.backupVault.backups(of: id)
        } catch {
            throw ProfileError(ofCopies: error, id)
        }
    }

    /// Brings back a periodic copy of a profile, durably, as a new version of its own; what it replaces is kept.
    ///
    /// The parts of the profile, such as the chunks of a world, go back in the same commit. Where they differ, what is
    /// replaced is first kept as a copy beside the others, until the next round leaves the newest ones. As
    /// ``restore(_:to:takesOver:timeout:)`` in everything else; a copy without ``ProfileBackup/parts`` leaves parts
    /// alone.
    ///
    /// - Throws: ``ProfileError`` as ``restore(_:to:takesOver:timeout:)``; `badInput` for a copy of another profile, or
    ///   where over 4,096 parts, or 16 MiB of them, would have to be written; `notFound` once the copy has given its
    ///   place to a newer one, or a person whom it names was erased.
    public func restore(
        _ key: Key, from backup: ProfileBackup, takesOver: Bool = false, timeout: Duration? = nil
    ) async throws(ProfileError) -> RestoreReceipt {
        let id = RecordID(collection: name, key: key)
        guard backup.id == id else { throw ProfileError(.badInput, "the copy is of \(backup.id)", record: id) }
        let parts: [Part]?
        do {
            let people = backup.content.userIDs
            guard try await !host.store.wasErased(anyOf: people, since: backup.writtenAtMillis) else {
                throw ProfileError(.notFound, "the copy names a person who was erased since", record: id)
            }
            parts = try await host.backupVault.parts(of: backup)
        } catch {
            throw ProfileError(ofCopies: error, id)
        }
        let version = backup.asVersion
        return try await restore(key, parts: parts, takesOver: takesOver, timeout: timeout) { _ throws(ProfileError) in
            version
        }
    }
}

extension ProfileError {
    /// What the store of the copies threw.
    init(ofCopies error: any Error, _ id: RecordID) {
        if let error = error as? StoreError {
            self.init(error, record: id)
        } else if let error = error as? ProfileError {
            self = error
        } else {
            self.init(.internalError, "\(error)", record: id, underlying: error)
        }
    }
}
