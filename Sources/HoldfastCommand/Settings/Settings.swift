import HoldfastStorage
import Logging

/// Everything a verb may be told, checked, with the place each value came from.
struct Settings: Sendable {
    var redis: RedisAddress
    var redisPassword: String?
    /// Of the Sentinels themselves.
    var sentinelPassword: String?
    var certificates: Certificates
    var store: StoreAddress
    var storePassword: String?
    /// Absolute; nil when it was not given and the platform names none.
    var dataDirectory: String?
    var deployment: String
    var timings: DeploymentTimings
    var autosave: Duration
    var logLevel: Logger.Level
    /// Whether servers of this process log each of their calls.
    var traces: Bool
    var timeout: Duration
    var json: Bool
    /// Texts and sources of every setting that has a value, for `config show`.
    var shown: [SettingName: (text: String, source: SettingSource)]

    /// PEM files of a TLS connection.
    struct Certificates: Sendable, Equatable {
        var authority: String?
        var certificate: String?
        var key: String?
    }

    /// Whether both sides are the private ones, which the first use creates.
    var isEmbedded: Bool {
        redis == .embedded && shown[.store]?.source == .byDefault
    }

    /// Whether lease, renew or beat was given, so that the deployment's stored timings must equal them.
    var hasExplicitTimings: Bool {
        [SettingName.lease, .renew, .beat].contains { name in
            shown[name].map { $0.source != .byDefault } ?? false
        }
    }

    /// The data folder.
    ///
    /// - Throws: `configuration` when none is known.
    func requiredDataDirectory() throws(CommandError) -> String {
        guard let dataDirectory else {
            throw CommandError.configuration("no data folder is known: neither --data-dir nor HOME is set")
        }
        return dataDirectory
    }

    /// Reads every setting from flags, environment and config file.
    ///
    /// - Throws: ``CommandError``: usage for a bad flag, configuration for anything else.
    static func resolve(_ options: GlobalOptions, environment: [String: String]) async throws(CommandError) -> Settings
    {
        let configFile = options.config ?? environment["HOLDFAST_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let sources = try await SettingSources(
            flags: options.given, environment: environment, configFile: configFile)
        var resolver = SettingResolver(sources: sources)
        return try await resolver.settings(json: options.json, environment: environment)
    }
}
