/// A guild belongs to nobody alone: every server writes its document.
struct Guild: Codable, Sendable, Equatable {
    var motto = ""
    var members: [String] = []
}
