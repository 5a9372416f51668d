import Configuration
import Foundation

/// Looks a setting up in flags, environment and config file, strongest first.
struct SettingSources {
    private let readers: [(source: SettingSource, reader: ConfigReader)]

    /// Opens the three sources; `configFile` must exist when it is given.
    init(flags: [SettingName: String], environment: [String: String], configFile: String?) async throws(CommandError) {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (name, text) in flags {
            values[AbsoluteConfigKey([name.rawValue])] = ConfigValue(.string(text), isSecret: false)
        }
        var readers: [(SettingSource, ConfigReader)] = [
            (.flag, ConfigReader(provider: InMemoryProvider(name: "flags", values: values))),
            (
                .environment,
                ConfigReader(
                    provider: EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(
                        with: "holdfast"))
            ),
        ]
        if let configFile {
            readers.append((.file, ConfigReader(provider: try await Self.provider(forFile: configFile))))
        }
        self.readers = readers
    }

    /// The strongest value of a setting, or nil where no source has one.
    ///
    /// An empty text counts as none.
    func value(of name: SettingName) async throws(CommandError) -> (text: String, source: SettingSource)? {
        for (source, reader) in readers {
            do {
                let key = ConfigKey([name.rawValue])
                if let text = try await reader.fetchString(forKey: key, isSecret: name.isSecret), !text.isEmpty {
                    guard !(name.isSecret && source == .file) else {
                        throw CommandError.configuration(
                            "the config file must not hold \(name.rawValue); name a file in \(name.rawValue)File")
                    }
                    return (text, source)
                }
            } catch let error as CommandError {
                throw error
            } catch {
                throw CommandError.configuration("the setting \(name.rawValue) (\(source.rawValue)) must be a text")
            }
        }
        return nil
    }

    private static func provider(forFile path: String) async throws(CommandError) -> FileProvider<JSONSnapshot> {
        let bytes: [UInt8]
        do {
            bytes = try await FileContent.receive(path)
        } catch {
            throw CommandError.configuration("cannot read the config file \(path): \(error.message)")
        }
        try checkNames(bytes, path: path)
        do {
            let reader = ConfigReader(
                provider: InMemoryProvider(values: ["filePath": ConfigValue(.string(path), isSecret: false)]))
            return try await FileProvider<JSONSnapshot>(config: reader)
        } catch {
            throw CommandError.configuration("the config file \(path) is not a JSON object of texts")
        }
    }
}

extension SettingSources {
    /// Refuses names that no setting has: a misspelt one would otherwise fall back to its default in silence.
    private static func checkNames(_ bytes: [UInt8], path: String) throws(CommandError) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw CommandError.configuration("the config file \(path) is not a JSON object")
        }
        for name in object.keys.sorted() where SettingName(rawValue: name) == nil {
            throw CommandError.configuration(
                "the config file \(path) holds an unknown setting, \(name.debugDescription)")
        }
    }
}
