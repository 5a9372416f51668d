import Glibc

/// A file that appears under its name only once it is complete.
final class ExportFile: Sendable {
    let output: Output
    private let path: String
    private let partial: String
    private let descriptor: Int32

    /// Creates the partial file beside `path`.
    ///
    /// - Throws: ``CommandError``: denied or cannot create; usage for a device, a pipe or a folder, which must not be
    ///   replaced by a file.
    init(_ path: String) throws(CommandError) {
        var found = stat()
        guard stat(path, &found) != 0 || found.st_mode & S_IFMT == S_IFREG else {
            throw CommandError(.usage, "\(path) is no regular file; leave FILE out to write to standard output")
        }
        self.path = path
        partial = "\(path).partial-\(getpid())"
        descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DataFolder.failure(errno, "cannot create", path) }
        output = Output(json: true, descriptor: descriptor, name: path)
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
