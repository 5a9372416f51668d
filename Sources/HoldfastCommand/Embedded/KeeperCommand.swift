import ArgumentParser
import Glibc

/// The hidden verb that a user of the embedded Redis starts in a session of its own.
struct KeeperCommand: ParsableCommand {
    static let name = "keeper"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Keep the embedded Redis of a data folder.", shouldDisplay: false)

    @Option(help: ArgumentHelp("The data folder.", valueName: "folder"))
    var dataDir: String

    /// Runs until nobody uses the folder.
    ///
    /// Must be called on the main thread.
    func keep() throws(CommandError) {
        // Nothing of the process that started this one may stay open: a pipe would never end.
        closefrom(3)
        _ = chdir("/")
        umask(0o077)
        guard let keeper = try Keeper(dataDirectory: dataDir) else { return }
        try keeper.run()
    }
}
