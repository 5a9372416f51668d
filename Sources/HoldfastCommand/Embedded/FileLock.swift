import Glibc

/// An advisory lock on a whole file, held until the last copy of its descriptor is closed.
final class FileLock: @unchecked Sendable {
    // The descriptor is never changed after init; flock(2) is safe from any thread.
    let descriptor: Int32

    /// Opens the lock's file, creating it with mode 0600, without taking the lock.
    ///
    /// - Throws: ``CommandError``: denied or cannot create.
    init(path: String) throws(CommandError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw DataFolder.failure(errno, "cannot write in the data folder", path) }
    }

    deinit { close(descriptor) }

    /// Takes the lock together with others who share it; false when somebody has it alone.
    func tryShared() -> Bool { lock(LOCK_SH) }

    /// Takes the lock alone; false when somebody else has it.
    func tryExclusive() -> Bool { lock(LOCK_EX) }

    /// Gives the lock up.
    func unlock() { _ = flock(descriptor, LOCK_UN) }

    /// Whether the file is still the one at `path`.
    func isStill(at path: String) -> Bool {
        var here = stat()
        var there = stat()
        return fstat(descriptor, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino
            && here.st_dev == there.st_dev
    }

    private func lock(_ kind: Int32) -> Bool {
        while flock(descriptor, kind | LOCK_NB) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }
}
