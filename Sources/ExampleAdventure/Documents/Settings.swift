struct Settings: Codable, Sendable, Equatable {
    /// Volumes are 0 to 1.
    var musicVolume = 0.8
    var soundVolume = 1.0
    var enableNotifications = true
}
