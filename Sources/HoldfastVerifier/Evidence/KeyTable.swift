/// The index of a key in a ``KeyTable``.
typealias KeyIndex = Int

/// Numbers the keys of the judged collection, so that everything else can be an array.
///
/// Keys are compared as bytes, as the store does; Swift's strings would equate two spellings of "é".
struct KeyTable {
    private var indices: [[UInt8]: KeyIndex] = [:]
    private var names: [[UInt8]] = []

    var count: Int { names.count }

    /// Finds or adds a key.
    mutating func index(of key: [UInt8]) -> KeyIndex {
        if let index = indices[key] { return index }
        indices[key] = names.count
        names.append(key)
        return names.count - 1
    }

    /// The key's bytes.
    func bytes(_ index: KeyIndex) -> [UInt8] { names[index] }

    /// The key as text, for a problem's sentence.
    func name(_ index: KeyIndex) -> String {
        String(decoding: names[index], as: UTF8.self)
    }
}

/// One operation: ids are unique within their key only.
struct OperationOfKey: Hashable {
    let key: KeyIndex
    let id: [UInt8]

    var idText: String { String(decoding: id, as: UTF8.self) }
}
