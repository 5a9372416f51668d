/// What servers announce.
struct DemoNews: Codable, Sendable {
    var server: String
    var text: String
}
