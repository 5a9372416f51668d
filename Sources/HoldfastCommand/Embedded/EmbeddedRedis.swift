import Foundation
import Logging
import ServiceLifecycle

/// This process's share in the private Redis of a data folder.
///
/// While a value lives, the keeper keeps Redis up; the share ends with the value or the process, however it
/// ends. ``run()`` watches the keeper itself and starts a new one where it was killed.
final class EmbeddedRedis: Service, Sendable {
    /// The socket that Redis listens on, short enough to connect to.
    let socketPath: String
    private let folder: DataFolder
    private let users: FileLock
    /// The folder of the socket; open for as long as ``socketPath`` may name it.
    private let socketFolder: Int32
    private let logger: Logger

    private init(folder: DataFolder, users: FileLock, logger: Logger) throws(CommandError) {
        self.folder = folder
        self.users = users
        self.logger = logger
        if mkdir(folder.redisFolder, 0o700) != 0, errno != EEXIST {
            throw DataFolder.failure(errno, "cannot create", folder.redisFolder)
        }
        socketFolder = open(folder.redisFolder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard socketFolder >= 0 else { throw DataFolder.failure(errno, "cannot open", folder.redisFolder) }
        let direct = "\(folder.redisFolder)/\(DataFolder.socketName)"
        // sun_path holds 107 bytes; a longer path is named through the open folder.
        socketPath =
            direct.utf8.count <= 107 ? direct : "/proc/self/fd/\(socketFolder)/\(DataFolder.socketName)"
    }

    deinit { close(socketFolder) }

    /// Joins the users of a data folder, starting the keeper where there is none, and waits until Redis answers.
    ///
    /// - Throws: ``CommandError``: a folder that cannot be used, Redis not installed or not starting in time.
    static func acquire(
        dataDirectory: String, timeout: Duration = .seconds(8), logger: Logger
    ) async throws(CommandError) -> EmbeddedRedis {
        for program in ["redis-server", "setpriv"] where !ProcessSpawner.isInstalled(program) {
            throw CommandError.configuration("\(program) is not installed; install it or set --redis")
        }
        let folder = DataFolder(path: dataDirectory)
        try folder.prepare()
        let deadline = ContinuousClock.now + timeout
        let users = try await joinUsers(folder, deadline: deadline)
        let redis = try EmbeddedRedis(folder: folder, users: users, logger: logger)
        try await redis.waitUntilUp(deadline: deadline)
        return redis
    }

    /// Refuses a data folder in which no Redis was ever started, so that a verb that only looks leaves nothing there.
    ///
    /// - Throws: ``CommandError`` with code `notFound`.
    static func requireUsed(_ dataDirectory: String) throws(CommandError) {
        let folder = DataFolder(path: dataDirectory)
        guard access(folder.usersLock, F_OK) != 0, errno == ENOENT || errno == ENOTDIR else { return }
        throw CommandError(
            .notFound, "no embedded Redis was started in \(folder.path) yet",
            advice: "check --redis and --data-dir, or run holdfast migrate")
    }

    /// Looks once a second whether the keeper lives, and starts another where it does not, until cancelled or
    /// shut down.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                do throws(CommandError) {
                    try self.ensureKeeper()
                } catch {
                    self.logger.error("the keeper cannot be started", metadata: ["holdfast.error": "\(error.message)"])
                }
            }
        }
    }

    /// The keeper holds the users' lock alone while it ends Redis, a few milliseconds long.
    private static func joinUsers(
        _ folder: DataFolder, deadline: ContinuousClock.Instant
    ) async throws(CommandError) -> FileLock {
        while true {
            let lock = try FileLock(path: folder.usersLock)
            if lock.tryShared(), lock.isStill(at: folder.usersLock) { return lock }
            guard ContinuousClock.now < deadline else {
                throw CommandError(
                    .unavailable, "the embedded Redis in \(folder.path) is being ended by its keeper and does not end")
            }
            await pause()
        }
    }

    private func waitUntilUp(deadline: ContinuousClock.Instant) async throws(CommandError) {
        while true {
            // Redis would only end again and again.
            if folder.isFull, !RedisProbe.answers(socket: socketPath) {
                throw CommandError(
                    .diskFull, "the embedded Redis cannot start: the disk of the data folder \(folder.path) is full",
                    advice: "free some space and try again")
            }
            try ensureKeeper()
            // A keeper that has just been started needs a moment to take its lock.
            let attempt = ContinuousClock.now + .milliseconds(500)
            while ContinuousClock.now < attempt {
                if RedisProbe.answers(socket: socketPath) { return }
                await Self.pause()
                guard ContinuousClock.now < deadline, !Task.isCancelled else { throw notUp() }
            }
        }
    }

    private func notUp() -> CommandError {
        let log = (try? FileContent.read(folder.redisLog)) ?? []
        let last = String(decoding: log.suffix(4_096), as: UTF8.self).split(separator: "\n").last ?? "its log is empty"
        return CommandError(.unavailable, "the embedded Redis in \(folder.path) does not start: \(last)")
    }

    /// Starts a keeper where none holds the keeper's lock.
    private func ensureKeeper() throws(CommandError) {
        Self.reap()
        guard try FileLock(path: folder.keeperLock).tryShared() else { return }
        logger.info("starting a keeper", metadata: ["holdfast.folder": "\(folder.path)"])
        let process = try ProcessSpawner.spawn(
            "/proc/self/exe", ["holdfast", KeeperCommand.name, "--data-dir", folder.path],
            output: .file(folder.keeperLog), ownSession: true)
        KeeperProcesses.shared.add(process)
    }

    /// Collects keepers of ours that have ended, so that they do not stay as zombies.
    private static func reap() {
        KeeperProcesses.shared.reap()
    }

    private static func pause() async {
        try? await Task.sleep(for: .milliseconds(10))
    }
}
