import Glibc

/// Starts processes with nothing inherited but what is named.
enum ProcessSpawner {
    /// Where the child's standard output and error go.
    enum Sink {
        case inherited
        /// Appended to this file, created with mode 0600.
        case file(String)
    }

    /// Starts `executable` with `arguments` (the first is its own name) and returns its process id.
    ///
    /// Standard input is `/dev/null`, signals have their default actions and none is blocked. With
    /// `ownSession` the child leads a session of its own, so that no terminal ends it. `passing` becomes
    /// descriptor 3 of the child.
    ///
    /// - Throws: ``CommandError`` with the system's reason.
    static func spawn(
        _ executable: String, _ arguments: [String], output: Sink, ownSession: Bool = false, passing: Int32? = nil
    ) throws(CommandError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        if case .file(let path) = output {
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }
        if let passing {
            // glibc clears close-on-exec when both numbers are equal, too.
            posix_spawn_file_actions_adddup2(&actions, passing, 3)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // POSIX_SPAWN_SETSID of glibc 2.26 and later; its macro is not imported.
        let newSession: Int32 = ownSession ? 0x80 : 0
        posix_spawnattr_setflags(
            &attributes, Int16(Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | newSession))

        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        pointers.append(nil)
        defer { pointers.forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawnp(&process, executable, &actions, &attributes, pointers, environ)
        guard result == 0 else {
            throw CommandError(
                result == EACCES ? .denied : .internalError,
                "cannot start \(executable): \(String(cString: strerror(result)))")
        }
        return process
    }

    /// Whether `name` is an executable file in one of the folders of `PATH`.
    static func isInstalled(_ name: String) -> Bool {
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return folders.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }
}
