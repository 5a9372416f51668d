/// A coding key made by the codec itself: an array position, a name read from a document, or `super`.
///
/// Small enough to be carried as `any CodingKey` without an allocation.
enum DocumentKey: CodingKey {
    case name(String)
    case position(Int)

    init(stringValue: String) { self = .name(stringValue) }
    init(intValue: Int) { self = .position(intValue) }

    var stringValue: String {
        switch self {
        case .name(let name): name
        case .position(let position): String(position)
        }
    }

    var intValue: Int? {
        if case .position(let position) = self { position } else { nil }
    }

    /// Where `superEncoder()` and `superDecoder()` keep a class's superclass.
    static let superKey = DocumentKey.name("super")
}
