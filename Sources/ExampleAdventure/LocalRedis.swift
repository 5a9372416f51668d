import Foundation

/// A `redis-server` of one's own in a temporary folder, for playing on one machine.
///
/// It ends with this process, however that ends: a shell waits for the end of its input, and stops it then.
final class LocalRedis: Sendable {
    let socketPath: String
    private let process: Process
    private let life: Pipe

    init(folder: String) throws {
        socketPath = "\(folder)/redis.sock"
        process = Process()
        life = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "redis-server --port 0 --unixsocket \"$0\" --save '' >/dev/null & cat >/dev/null; kill $!; wait",
            socketPath,
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = life
        try process.run()
    }

    func stop() {
        try? life.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
