import HoldfastStorage
import Logging

/// Turns the texts of ``SettingSources`` into checked ``Settings``, and remembers where each came from.
struct SettingResolver {
    let sources: SettingSources
    private var shown: [SettingName: (text: String, source: SettingSource)] = [:]

    init(sources: SettingSources) {
        self.sources = sources
    }

    /// Reads and checks everything.
    mutating func settings(json: Bool, environment: [String: String]) async throws(CommandError) -> Settings {
        let dataDirectory = try await dataDirectory(environment)
        let settings = Settings(
            redis: try await address(.redis, default: "embedded", RedisAddress.init),
            redisPassword: try await secret(.redisPassword, file: .redisPasswordFile),
            sentinelPassword: try await secret(.sentinelPassword, file: .sentinelPasswordFile),
            certificates: Settings.Certificates(
                authority: try await text(.redisCa), certificate: try await text(.redisCert),
                key: try await text(.redisKey)),
            store: try await address(
                .store, default: "sqlite:\(dataDirectory ?? ".")/holdfast.sqlite", StoreAddress.init),
            storePassword: try await secret(.storePassword, file: .storePasswordFile),
            dataDirectory: dataDirectory,
            deployment: try await deployment(),
            timings: try await timings(),
            autosave: try await duration(.autosave, default: "60s"),
            logLevel: try await logLevel(),
            traces: try await traces(),
            timeout: try await duration(.timeout, default: "10s"),
            json: json,
            shown: [:])
        if (settings.certificates.certificate == nil) != (settings.certificates.key == nil) {
            throw CommandError.configuration("--redis-cert and --redis-key are given together or not at all")
        }
        var complete = settings
        complete.shown = shown
        return complete
    }

    // MARK: - One setting each

    private mutating func text(_ name: SettingName) async throws(CommandError) -> String? {
        guard let found = try await sources.value(of: name) else { return nil }
        shown[name] = found
        return found.text
    }

    private mutating func text(_ name: SettingName, default fallback: String) async throws(CommandError) -> String {
        if let text = try await text(name) { return text }
        shown[name] = (fallback, .byDefault)
        return fallback
    }

    private mutating func address<Address: CustomStringConvertible>(
        _ name: SettingName, default fallback: String, _ parse: (String) throws(AddressError) -> Address
    ) async throws(CommandError) -> Address {
        let text = try await text(name, default: fallback)
        do {
            return try parse(text)
        } catch {
            throw invalid(name, error.message)
        }
    }

    private mutating func duration(_ name: SettingName, default fallback: String) async throws(CommandError) -> Duration
    {
        let text = try await text(name, default: fallback)
        guard let duration = DurationText.parse(text), duration > .zero else {
            throw invalid(name, "expected a duration such as 500ms, 30s, 5m, 2h or 7d, not \(text.debugDescription)")
        }
        return duration
    }

    private mutating func timings() async throws(CommandError) -> DeploymentTimings {
        let lease = try await duration(.lease, default: "30s")
        let renew = try await duration(.renew, default: "10s")
        let beat = try await duration(.beat, default: "1s")
        guard renew * 2 <= lease else {
            throw invalid(.renew, "renewals must come at least twice a lease (lease \(DurationText.format(lease)))")
        }
        return DeploymentTimings(
            leaseMillis: lease.wholeMillis, renewMillis: renew.wholeMillis, beatMillis: beat.wholeMillis)
    }

    private mutating func deployment() async throws(CommandError) -> String {
        let name = try await text(.deployment, default: "holdfast")
        do {
            return try CollectionName(name).description
        } catch {
            throw invalid(.deployment, error.message)
        }
    }

    private mutating func logLevel() async throws(CommandError) -> Logger.Level {
        let name = try await text(.logLevel, default: Logger.Level.notice.rawValue)
        guard let level = Logger.Level(rawValue: name) else {
            let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw invalid(.logLevel, "expected one of \(names)")
        }
        return level
    }

    private mutating func traces() async throws(CommandError) -> Bool {
        switch try await text(.trace, default: "false") {
        case "true", "1": return true
        case "false", "0": return false
        default: throw invalid(.trace, "expected true or false")
        }
    }

    private mutating func secret(_ name: SettingName, file: SettingName) async throws(CommandError) -> String? {
        let direct = try await text(name)
        guard let path = try await text(file) else { return direct }
        guard direct == nil else {
            throw CommandError.configuration("\(name.variable) and \(file.variable) are both set; keep one")
        }
        var bytes: ArraySlice<UInt8>
        do {
            bytes = try await FileContent.receive(path)[...]
        } catch {
            throw CommandError.configuration("cannot read the file in \(file.variable): \(error.message)")
        }
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard let secret = String(validating: bytes, as: UTF8.self), !secret.isEmpty else {
            throw CommandError.configuration("the file in \(file.variable) is empty or not text")
        }
        return secret
    }

    private mutating func dataDirectory(_ environment: [String: String]) async throws(CommandError) -> String? {
        if let path = try await text(.dataDir) {
            guard !path.utf8.contains(0) else { throw invalid(.dataDir, "a path holds no NUL") }
            return FileContent.absolute(path)
        }
        let base =
            environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment["HOME"].flatMap { $0.hasPrefix("/") ? "\($0)/.local/share" : nil }
        guard let base else { return nil }
        shown[.dataDir] = ("\(base)/holdfast", .byDefault)
        return "\(base)/holdfast"
    }

    /// A bad flag is a usage error, a bad value from elsewhere a configuration error.
    private func invalid(_ name: SettingName, _ message: String) -> CommandError {
        switch shown[name]?.source {
        case .flag: CommandError.usage("\(name.flag): \(message)")
        case .environment: CommandError.configuration("\(name.variable): \(message)")
        case .file: CommandError.configuration("\(name.rawValue) in the config file: \(message)")
        case .byDefault, nil: CommandError.configuration("\(name.rawValue): \(message)")
        }
    }
}
