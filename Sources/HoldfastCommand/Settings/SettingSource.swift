/// Where a setting's value came from, strongest first.
enum SettingSource: String, Sendable {
    case flag, environment, file
    case byDefault = "default"
}
