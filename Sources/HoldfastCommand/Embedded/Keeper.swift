import Glibc

/// Starts Redis for a data folder, restarts it when it dies, and ends it when nobody uses it.
///
/// Runs on the main thread and blocks it: Redis asks the kernel to be killed when the thread that started it
/// ends, so this thread must live as long as the keeper.
final class Keeper {
    private let folder: DataFolder
    private let keeperLock: FileLock
    private let users: FileLock
    private var redis: pid_t?
    private var startedAt = Clock.now()
    private var earliestStart = Clock.now()
    /// Ends in a row that came within ten seconds: a slow machine takes some to find out that it cannot read its data.
    private var quickDeaths = 0
    private var hasSetDataAside = false
    private var unusedSince: Int64?

    /// How long a folder stays unused before Redis ends: scripts that run one verb after the other keep it.
    private static let lingerMillis: Int64 = 500
    private static let pollMicroseconds: UInt32 = 50_000

    /// Takes the keeper's lock of a folder; nil when another keeper has it.
    init?(dataDirectory: String) throws(CommandError) {
        folder = DataFolder(path: dataDirectory)
        keeperLock = try FileLock(path: folder.keeperLock)
        users = try FileLock(path: folder.usersLock)
        // Users who look for a keeper share this lock for an instant, and a Redis whose keeper was killed keeps
        // it until the kernel has ended it.
        let deadline = Clock.now() + 2_000
        while !keeperLock.tryExclusive() {
            guard Clock.now() < deadline else { return nil }
            usleep(5_000)
        }
    }

    /// Keeps Redis until nobody uses it or the folder is gone.
    func run() throws(CommandError) {
        while true {
            collect()
            if isUnused() || !users.isStill(at: folder.usersLock) { break }
            if redis == nil, Clock.now() >= earliestStart { try start() }
            usleep(Self.pollMicroseconds)
        }
        end()
    }

    // MARK: - Redis

    private func start() throws(CommandError) {
        redis = try ProcessSpawner.spawn(
            "setpriv",
            [
                "setpriv", "--pdeathsig", "KILL", "redis-server",
                "--port", "0", "--unixsocket", DataFolder.socketName, "--unixsocketperm", "700",
                "--dir", folder.redisFolder, "--logfile", folder.redisLog, "--pidfile", "redis.pid",
                "--daemonize", "no", "--databases", "1", "--save", "",
                "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction",
                "--lazyfree-lazy-expire", "yes",
            ],
            output: .file(folder.keeperLog), passing: keeperLock.descriptor)
        startedAt = Clock.now()
    }

    /// Notices that Redis has died and plans its restart: at once, then ever slower while it dies young.
    private func collect() {
        guard let process = redis else { return }
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return }
        redis = nil
        let now = Clock.now()
        quickDeaths = now - startedAt < 10_000 ? quickDeaths + 1 : 0
        earliestStart = now + (quickDeaths == 0 ? 0 : min(2_000, 50 << Int64(min(quickDeaths, 6))))
        if quickDeaths == 3 { setDataAside() }
    }

    /// A damaged append-only file keeps Redis from starting.
    ///
    /// Redis holds nothing that must not be lost, so its files are kept for a look and it starts empty. Once in a
    /// keeper's life.
    private func setDataAside() {
        guard !hasSetDataAside else { return }
        hasSetDataAside = true
        let data = "\(folder.redisFolder)/appendonlydir"
        _ = rename(data, "\(data).damaged-\(time(nil))")
    }

    private func end() {
        guard let process = redis else { return }
        kill(process, SIGTERM)
        let deadline = Clock.now() + 5_000
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            if Clock.now() >= deadline { kill(process, SIGKILL) }
            usleep(5_000)
        }
    }

    // MARK: - Users

    /// Whether nobody has used the folder for the linger time.
    ///
    /// Where true, the users' lock is held alone, so that nobody joins a Redis that is about to end.
    private func isUnused() -> Bool {
        guard users.tryExclusive() else {
            unusedSince = nil
            return false
        }
        let now = Clock.now()
        let since = unusedSince ?? now
        unusedSince = since
        if now - since >= Self.lingerMillis { return true }
        users.unlock()
        return false
    }

    private enum Clock {
        /// Milliseconds of a clock that never goes back.
        static func now() -> Int64 {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        }
    }
}
