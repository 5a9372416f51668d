/// The key of one record inside its collection: 1 to 256 bytes of UTF-8, compared byte by byte.
///
/// Two spellings of the same letter (composed and decomposed "é") are different keys, as they are in
/// the stores; Swift's `String` would equate them.
public struct Key: Hashable, Sendable, Comparable {
    /// The most bytes a key may have.
    public static let maximumBytes = 256

    /// The UTF-8 bytes.
    public let bytes: [UInt8]

    /// Wraps a string's UTF-8 bytes.
    ///
    /// - Throws: ``StoreError`` with code `badInput` when it is empty or longer than ``maximumBytes``.
    public init(_ string: String) throws(StoreError) {
        try self.init(bytes: Array(string.utf8))
    }

    /// Wraps UTF-8 bytes.
    ///
    /// - Throws: ``StoreError`` with code `badInput` when they are empty, too long or not UTF-8.
    public init(bytes: [UInt8]) throws(StoreError) {
        guard !bytes.isEmpty, bytes.count <= Self.maximumBytes else {
            throw StoreError(.badInput, "a key has 1 to \(Self.maximumBytes) bytes, not \(bytes.count)")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw StoreError(.badInput, "a key must be valid UTF-8")
        }
        self.bytes = bytes
    }

    /// Writes an integer key, such as a user id, as decimal digits.
    public init(_ number: some BinaryInteger) {
        self.bytes = Array(String(number).utf8)
    }

    /// Hashes all bytes in one step; the hash of an array would take them one by one.
    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// Orders by bytes, as the stores do; a prefix comes first.
    public static func < (left: Key, right: Key) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Key: ExpressibleByIntegerLiteral {
    /// Writes an integer key as decimal digits: `players.open(42)`.
    public init(integerLiteral number: Int64) {
        self.init(number)
    }
}

extension Key: CustomStringConvertible {
    /// The key as text, without quotes or escapes.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// The name of a collection: 1 to 64 of the characters `A–Z a–z 0–9 _ . -`.
public struct CollectionName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The most characters a name may have.
    public static let maximumLength = 64

    /// The name as it was given, in ASCII.
    public let description: String

    /// Checks and wraps a name.
    ///
    /// - Throws: ``StoreError`` with code `badInput` for other lengths and characters.
    public init(_ name: String) throws(StoreError) {
        let allowed = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x5F || byte == 0x2E || byte == 0x2D
        }
        guard allowed, (1...Self.maximumLength).contains(name.utf8.count) else {
            throw StoreError(
                .badInput,
                "a name has 1 to \(Self.maximumLength) of the characters A-Z a-z 0-9 _ . - "
                    + "(got \(name.debugDescription))"
            )
        }
        self.description = name
    }

    /// Orders by bytes: upper case before lower case.
    public static func < (left: CollectionName, right: CollectionName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// Names one record of a deployment.
public struct RecordID: Hashable, Sendable, Comparable {
    /// The collection that the key belongs to.
    public let collection: CollectionName
    /// Unique within ``collection``; other collections may use the same key.
    public let key: Key

    /// Joins a collection and a key.
    public init(collection: CollectionName, key: Key) {
        self.collection = collection
        self.key = key
    }

    /// The order in which groups and trades lock records: collection first, then key, both by bytes.
    public static func < (left: RecordID, right: RecordID) -> Bool {
        left.collection == right.collection ? left.key < right.key : left.collection < right.collection
    }
}

extension RecordID: CustomStringConvertible {
    /// `collection/key`, for logs and messages; the key may itself hold a slash.
    public var description: String { "\(collection)/\(key)" }
}

extension RecordID {
    /// The log that keeps the bytes of the record's damaged parts; it goes where the record is erased.
    package var quarantineLog: SpaceName? {
        try? SpaceName(bytes: Array("quarantine:\(collection):".utf8) + key.bytes)
    }
}
