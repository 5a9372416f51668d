/// A coding key made by the codec itself: an array position, a name read from a document, or `super`.
struct DocumentKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        self.intValue = nil
    }

    init(intValue: Int) {
        self.stringValue = String(intValue)
        self.intValue = intValue
    }

    /// Where `superEncoder()` and `superDecoder()` keep a class's superclass.
    static let superKey = DocumentKey(stringValue: "super")
}
