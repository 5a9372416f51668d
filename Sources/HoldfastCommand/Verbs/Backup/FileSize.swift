import Glibc

/// How long a file is, for a progress bar.
enum FileSize {
    /// Nil where nobody can tell.
    static func of(_ path: String) -> Int? {
        var found = stat()
        return stat(path, &found) == 0 ? Int(found.st_size) : nil
    }
}
