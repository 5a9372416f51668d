import Foundation
import Glibc
import Synchronization

/// A process that ends with the value or, at the latest, with the process that started it.
///
/// Its standard output and error go to one log file. It is always signalled by its own pid, and never after
/// it has been reaped.
public final class ChildProcess: Sendable {
    /// The process id.
    public let pid: pid_t
    /// Where the output goes.
    public let logPath: String
    private let watchdog: Watchdog
    private let exitStatus = Mutex<Int32?>(nil)

    /// Starts `executable`, looked up in PATH, and returns at once.
    ///
    /// - Parameters:
    ///   - executable: A name or a path.
    ///   - arguments: Without the name of the program.
    ///   - environment: Added to the environment of the starting process.
    ///   - folder: The working folder; nil keeps the current one.
    ///   - logPath: Receives standard output and error; appended to.
    ///   - home: A folder that nobody needs once the process is gone; removed with it if the starting process ends
    ///     without having stopped it.
    /// - Throws: ``PrivateServerError`` if the process cannot be started.
    public init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil,
        logPath: String, home: TemporaryFolder? = nil
    ) throws {
        self.pid = try Self.spawn(
            executable, arguments, environment: environment, folder: folder, output: logPath, input: nil)
        self.logPath = logPath
        self.watchdog = try Watchdog(pid: pid, home: home?.path)
    }

    deinit {
        stop(signal: SIGKILL)
    }

    /// Whether the process still runs.
    public var isRunning: Bool { reap() == nil }

    /// What the process has written so far.
    public var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// Sends a signal, unless the process has ended already.
    public func signal(_ number: Int32) {
        exitStatus.withLock { status in
            if status == nil { _ = Glibc.kill(pid, number) }
        }
    }

    /// Sends `signal`, waits for the end, and kills the process if that takes longer than `patience`.
    ///
    /// - Returns: The exit code, or 128 plus the number of the signal that ended the process.
    @discardableResult
    public func stop(signal number: Int32 = SIGTERM, patience: Duration = .seconds(30)) -> Int32 {
        signal(number)
        let status: Int32
        if let early = wait(for: patience) {
            status = early
        } else {
            signal(SIGKILL)
            status = wait(for: .seconds(30)) ?? -1
        }
        watchdog.dismiss()
        return status
    }

    /// Waits for the process to end by itself; nil when it still runs after `patience`.
    public func wait(for patience: Duration) -> Int32? {
        let deadline = ContinuousClock.now + patience
        repeat {
            if let status = reap() { return status }
            usleep(2000)
        } while ContinuousClock.now < deadline
        return reap()
    }

    /// Runs a program to its end and returns its output.
    ///
    /// - Throws: ``PrivateServerError`` with the output when the program fails or takes longer than `patience`.
    public static func output(
        of executable: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil,
        patience: Duration = .seconds(60)
    ) throws -> String {
        let scratch = try TemporaryFolder()
        let child = try ChildProcess(
            executable, arguments, environment: environment, folder: folder, logPath: scratch.file("out"))
        guard let status = child.wait(for: patience) else {
            throw PrivateServerError("\(executable) did not end within \(patience): \(child.log)")
        }
        child.watchdog.dismiss()
        guard status == 0 else { throw PrivateServerError("\(executable) ended with \(status): \(child.log)") }
        return child.log
    }

    /// Collects the exit status exactly once, so that the pid is never used after it became free.
    private func reap() -> Int32? {
        exitStatus.withLock { known in
            if let known { return known }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            let termination = status & 0x7f
            known = termination == 0 ? (status >> 8) & 0xff : 128 + termination
            return known
        }
    }

    /// Starts a process whose only open descriptors are input, output and error.
    fileprivate static func spawn(
        _ executable: String, _ arguments: [String], environment: [String: String], folder: String?, output: String,
        input: Int32?
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Closing a descriptor that is not open is no error here.
        for descriptor in Int32(3)..<512 { posix_spawn_file_actions_addclose(&actions, descriptor) }

        // A starting process may block or ignore signals; a child must not inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // The calls that would change the folder in place are hidden from Swift; `exec` keeps the pid.
        let words = folder.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0, executable] } ?? [executable]
        var argv = (words + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for pointer in argv + envp { free(pointer) }
        }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, words[0], &actions, &attributes, &argv, &envp)
        guard result == 0 else { throw PrivateServerError("cannot start \(executable): errno \(result)") }
        return pid
    }
}

/// Kills a child if the starting process ends without having stopped it, by a crash for example.
///
/// A shell waits on a pipe that only the starting process holds: a line means "dismissed", its end means that the
/// starting process is gone.
private final class Watchdog: Sendable {
    private static let script = #"read -r _ && exit; kill -9 "$1"; [ -z "$2" ] || rm -rf "$2""#
    private let shell: pid_t
    private let writeEnd: Mutex<Int32?>

    init(pid: pid_t, home: String?) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw PrivateServerError("cannot make a pipe: errno \(errno)") }
        defer { close(ends[0]) }
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        self.writeEnd = Mutex(ends[1])
        do {
            self.shell = try ChildProcess.spawn(
                "/bin/sh", ["-c", Self.script, "watchdog", "\(pid)"] + (home.map { [$0] } ?? []), environment: [:],
                folder: nil, output: "/dev/null", input: ends[0])
        } catch {
            close(ends[1])
            kill(pid, SIGKILL)
            throw error
        }
    }

    /// Ends the watch.
    ///
    /// The second call does nothing.
    func dismiss() {
        let end = writeEnd.withLock { end in
            defer { end = nil }
            return end
        }
        guard let end else { return }
        _ = write(end, "\n", 1)
        close(end)
        var status: Int32 = 0
        waitpid(shell, &status, 0)
    }

    deinit {
        dismiss()
    }
}
