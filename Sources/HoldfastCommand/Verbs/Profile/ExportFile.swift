import Glibc

/// A file that appears under its name only once it is complete.
final class ExportFile: Sendable {
    let output: Output
    private let path: String
    private let partial: String
    private let descriptor: Int32

    /// Creates the partial file beside `path`.
    ///
    /// - Throws: ``CommandError``: denied or cannot create.
    init(_ path: String) throws(CommandError) {
        self.path = path
        partial = "\(path).partial-\(getpid())"
        descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DataFolder.failure(errno, "cannot create", path) }
        output = Output(json: true, descriptor: descriptor)
    }

    deinit {
        close(descriptor)
        unlink(partial)
    }

    /// Writes what is buffered to the disk and gives the file its name.
    func complete() throws(CommandError) {
        try output.flush()
        guard fsync(descriptor) == 0, rename(partial, path) == 0 else {
            throw DataFolder.failure(errno, "cannot complete", path)
        }
    }
}
