import Foundation
import HoldfastPrivateServers

/// The users of `Deploy/redis/users.acl` as they are, ready for a private server.
public struct AccessControl: Sendable {
    /// A user and its password.
    public struct Login: Sendable {
        /// The user's name.
        public let user: String
        /// The password that the file ships with.
        public let password: String

        /// The words that `redis-cli` logs in with.
        public var arguments: [String] { ["--user", user, "-a", password, "--no-auth-warning"] }
    }

    /// Game servers.
    public static let holdfast = Login(user: "holdfast", password: "CHANGE-ME-holdfast")
    /// Game servers, and what lists keys.
    public static let holdfastOperator = Login(user: "holdfast-operator", password: "CHANGE-ME-operator")
    /// Everything.
    public static let administrator = Login(user: "administrator", password: "CHANGE-ME-administrator")

    /// The folder of the configuration files.
    public static let deployFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Deploy/redis").path
    /// The file in the repository.
    public static let deployFile = "\(deployFolder)/users.acl"

    /// A copy that a server may rewrite.
    public let path: String

    /// Copies the file into a folder.
    public init(in folder: TemporaryFolder) throws {
        path = folder.file("users.acl")
        try FileManager.default.copyItem(atPath: Self.deployFile, toPath: path)
    }

    /// Reads `redis-cli --json ACL LOG`, leaving out channels where their refusal is what a test wants.
    static func refusals(in log: String, withChannels: Bool) throws -> [String] {
        guard let entries = try JSONSerialization.jsonObject(with: Data(log.utf8)) as? [[String: Any]] else {
            throw TestServerError("ACL LOG answers in an unknown form: \(log)")
        }
        return entries.compactMap { entry in
            let (reason, object) = ("\(entry["reason"] ?? "")", "\(entry["object"] ?? "")")
            let (user, context) = ("\(entry["username"] ?? "")", "\(entry["context"] ?? "")")
            let place = context == "lua" ? "in a script" : "outside scripts"
            switch reason {
            case "command":
                let word = object.lowercased()
                return "the user \(user) may not run \(word) (\(place)); if it has to, add +\(word) in "
                    + "Deploy/redis/users.acl, for holdfast and for holdfast-operator"
            case "key": return "the user \(user) may not touch the key \(object) (\(place)); keys begin with hf1:"
            case "channel" where !withChannels: return nil
            case "channel": return "the user \(user) may not use the channel \(object); channels begin with hf1:"
            default: return "the user \(user) was refused: \(reason) \(object)"
            }
        }
    }
}
