import ArgumentParser

/// The flags that every verb takes.
///
/// A flag left out falls back to the environment, the config file and the default, in this order.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Where Redis is: embedded, redis://[user@]host:port, redis+unix:///path, redis-sentinel://h:p,h:p/name or \
            redis-cluster://h:p,h:p; with rediss for TLS.
            """,
            valueName: "address"))
    var redis: String?

    @Option(name: .customLong("redis-ca"), help: ArgumentHelp("Trusted roots for TLS to Redis.", valueName: "pem"))
    var redisCa: String?

    @Option(
        name: .customLong("redis-cert"), help: ArgumentHelp("Client certificate for TLS to Redis.", valueName: "pem"))
    var redisCert: String?

    @Option(name: .customLong("redis-key"), help: ArgumentHelp("Client key for TLS to Redis.", valueName: "pem"))
    var redisKey: String?

    @Option(
        help: ArgumentHelp(
            "Where the durable store is: sqlite:PATH or postgres://user@host:port/db.", valueName: "address"))
    var store: String?

    @Option(help: ArgumentHelp("Folder of the embedded Redis and of SQLite.", valueName: "folder"))
    var dataDir: String?

    @Option(help: ArgumentHelp("Name of the deployment (default: holdfast).", valueName: "name"))
    var deployment: String?

    @Option(help: ArgumentHelp("Length of a lease (default: 30s).", valueName: "duration"))
    var lease: String?

    @Option(help: ArgumentHelp("Time between renewals (default: 10s).", valueName: "duration"))
    var renew: String?

    @Option(help: ArgumentHelp("Time between beats (default: 1s).", valueName: "duration"))
    var beat: String?

    @Option(help: ArgumentHelp("Time between automatic saves (default: 60s).", valueName: "duration"))
    var autosave: String?

    @Option(help: ArgumentHelp("JSON file with settings.", valueName: "file"))
    var config: String?

    @Flag(help: "Print JSON on standard output and nothing else there.")
    var json = false

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    @Flag(help: "Log every call and step of verbs that open profiles, and of the demo's servers.")
    var trace = false

    @Option(help: ArgumentHelp("Deadline of a verb that is not long work (default: 10s).", valueName: "duration"))
    var timeout: String?

    @Option(help: ArgumentHelp("Why it is done, for the audit log: at most 500 bytes.", valueName: "text"))
    var reason: String?

    /// The flags that were given, by setting.
    var given: [SettingName: String] {
        let values: [SettingName: String?] = [
            .redis: redis, .redisCa: redisCa, .redisCert: redisCert, .redisKey: redisKey, .store: store,
            .dataDir: dataDir, .deployment: deployment, .lease: lease, .renew: renew, .beat: beat,
            .autosave: autosave, .logLevel: logLevel, .trace: trace ? "true" : nil, .timeout: timeout,
        ]
        return values.compactMapValues { $0 }
    }
}
