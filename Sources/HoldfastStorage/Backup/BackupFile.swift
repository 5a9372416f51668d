#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A backup that is being written beside its place, and takes it only when complete.
final class BackupFile {
    private let descriptor: Int32
    private let path: String
    private let draft: String
    private var isOpen = true

    /// Creates the draft.
    ///
    /// - Throws: ``StoreError``: `badInput` where the file exists already; `notFound`, `denied`, `diskFull`,
    ///   `unavailable`.
    init(creating path: String) throws(StoreError) {
        guard access(path, F_OK) != 0 else { throw BackupFile.exists(path) }
        self.path = path
        draft = "\(path).\(RandomID.random().description.prefix(8)).partial"
        descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("creating \(draft)") }
    }

    deinit { abandon() }

    func write(_ bytes: [UInt8]) throws(StoreError) {
        var start = 0
        while start < bytes.count {
            let rest = bytes.count - start
            let written = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress! + start, rest) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Self.failure("writing \(draft)") }
            start += written
        }
    }

    /// Puts the file in its place, on disk for good.
    ///
    /// - Throws: ``StoreError``: `badInput` where a file has come to this place meanwhile; where its folder could not
    ///   be written, the file may be there and not last.
    func complete() throws(StoreError) {
        guard fsync(descriptor) == 0 else { throw Self.failure("writing \(draft)") }
        try name()
        isOpen = false
        close(descriptor)
        let folder = path.contains("/") ? String(path[..<path.lastIndex(of: "/")!]) : "."
        let directory = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.failure("opening \(folder)") }
        defer { close(directory) }
        // Some file systems cannot do this for a folder.
        guard fsync(directory) == 0 || errno == EINVAL else { throw Self.failure("writing \(folder)") }
    }

    /// A rename would replace a file that is there; a link does not.
    private func name() throws(StoreError) {
        if link(draft, path) == 0 {
            unlink(draft)
            return
        }
        switch errno {
        case EEXIST: throw BackupFile.exists(path)
        // Some file systems know no links.
        case EPERM, EOPNOTSUPP, ENOSYS: break
        default: throw Self.failure("naming \(path)")
        }
        guard access(path, F_OK) != 0 else { throw BackupFile.exists(path) }
        guard rename(draft, path) == 0 else { throw Self.failure("naming \(path)") }
    }

    private static func exists(_ path: String) -> StoreError {
        StoreError(.badInput, "\(path) exists already; a backup never replaces a file")
    }

    /// Removes the draft; does nothing after ``complete()``.
    func abandon() {
        guard isOpen else { return }
        isOpen = false
        close(descriptor)
        unlink(draft)
    }

    static func failure(_ what: String) -> StoreError {
        let number = errno
        let code: StoreError.Code =
            switch number {
            case ENOENT, ENOTDIR: .notFound
            case ENOSPC, EDQUOT: .diskFull
            case EACCES, EPERM, EROFS, EISDIR: .denied
            case EEXIST: .badInput
            default: .unavailable
            }
        return StoreError(code, "\(what): \(String(cString: strerror(number)))")
    }
}

/// A file that is read from its beginning.
final class BackupInput {
    private let descriptor: Int32
    private let path: String

    init(_ path: String) throws(StoreError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupFile.failure("opening \(path)") }
    }

    deinit { close(descriptor) }

    /// That many bytes; fewer at the end.
    func read(_ count: Int) throws(StoreError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let found = systemRead(descriptor, buffer.baseAddress! + filled, count - filled)
                if found < 0, errno == EINTR { continue }
                failed = found < 0
                guard found > 0 else { return }
                filled += found
            }
        }
        if failed { throw BackupFile.failure("reading \(path)") }
        return bytes
    }
}

// The types above have methods of these names.

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, bytes, count)
}
