/// A typed document, most of it in texts of about 1 KB that do not compress.
struct BenchDocument: Codable, Sendable, Equatable {
    var name: String
    var coins: Int
    var level: Int
    var edits: Int
    /// Random base64 digits.
    var texts: [String]

    /// The state before the first edit.
    ///
    /// - Parameter texts: How many; four make a document of about 4 KB.
    init(name: String, texts: Int = 4) {
        self.name = name
        self.coins = 0
        self.level = 1
        self.edits = 0
        self.texts = (0..<texts).map { Self.pool[$0] }
    }

    /// Changes counters and all texts, so that no two edits of a document leave the same bytes.
    mutating func change() {
        edits += 1
        coins += 7
        for position in texts.indices {
            let draw = (edits &* 0x9E37 &+ position &* 0x85EB) & 0xFFFF
            texts[position] = Self.pool[(draw ^ (draw >> 6)) % Self.pool.count]
        }
    }

    /// Texts made once, so that drawing randomness is not measured.
    private static let pool: [String] = {
        var generator = SeededGenerator(seed: 4)
        return (0..<64).map { _ in randomText(bytes: 960, using: &generator) }
    }()

    /// Base64 digits drawn from `generator`.
    static func randomText(bytes: Int, using generator: inout some RandomNumberGenerator) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-".utf8)
        return String(decoding: (0..<bytes).map { _ in digits[Int(generator.next() & 63)] }, as: UTF8.self)
    }
}
