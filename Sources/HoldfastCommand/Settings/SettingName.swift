/// Every setting by the name it has in the config file; flags and environment variables derive from it.
enum SettingName: String, CaseIterable, Sendable {
    case redis, redisPassword, redisPasswordFile, sentinelPassword, sentinelPasswordFile
    case redisCa, redisCert, redisKey
    case store, storePassword, storePasswordFile
    case dataDir, deployment
    case lease, renew, beat, autosave
    case logLevel, trace, timeout

    /// Secrets come from the environment or from a file of their own, never from a flag or the config file.
    var isSecret: Bool {
        switch self {
        case .redisPassword, .sentinelPassword, .storePassword: true
        default: false
        }
    }

    /// The environment variable, for example `HOLDFAST_DATA_DIR`.
    var variable: String { "HOLDFAST_" + words.map { $0.uppercased() }.joined(separator: "_") }

    /// The flag, for example `--data-dir`.
    var flag: String { "--" + words.joined(separator: "-") }

    private var words: [String] {
        rawValue.reduce(into: [""]) { words, character in
            if character.isUppercase { words.append("") }
            words[words.count - 1] += character.lowercased()
        }
    }
}
