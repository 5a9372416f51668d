/// The server at the far end of a lane, as it introduced itself when the connection was made.
public struct RedisServer: Sendable, Equatable {
    /// Random name of the server's process: another one means a restart or a failover.
    public let runID: String
    /// For example `7.0.15`.
    public let version: String
    /// Where it was reached.
    public let address: RedisConfiguration.Address
    /// Counts the connections of the lane, from 1.
    public let generation: Int

    /// Describes a server.
    public init(runID: String, version: String, address: RedisConfiguration.Address, generation: Int) {
        self.runID = runID
        self.version = version
        self.address = address
        self.generation = generation
    }

    /// Reads the text of `INFO server`; nil when it lacks the two fields.
    init?(info: String, address: RedisConfiguration.Address, generation: Int) {
        func field(_ name: String) -> String? {
            for line in info.split(whereSeparator: \.isNewline) where line.hasPrefix("\(name):") {
                return String(line.dropFirst(name.count + 1))
            }
            return nil
        }
        guard let runID = field("run_id"), let version = field("redis_version") else { return nil }
        self.init(runID: runID, version: version, address: address, generation: generation)
    }
}
