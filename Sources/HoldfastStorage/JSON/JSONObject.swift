/// The members of a JSON object, ordered by the bytes of their keys.
///
/// Reading a key is a binary search; inserting one moves those behind it. Keys are equal only when
/// their UTF-8 bytes are.
public struct JSONObject: Sendable, Hashable {
    /// One key and its value.
    public struct Member: Sendable, Hashable {
        /// Any text, the empty one too; compared by its UTF-8 bytes.
        public let key: String
        /// Changing it leaves the member's place as it is.
        public var value: JSONValue

        /// Joins a key and its value.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }

        /// Compares keys by bytes and values by their canonical form.
        public static func == (left: Member, right: Member) -> Bool {
            left.key.hasSameBytes(as: right.key) && left.value == right.value
        }

        /// Hashes the key's bytes and the value, in keeping with `==`.
        public func hash(into hasher: inout Hasher) {
            key.hashBytes(into: &hasher)
            hasher.combine(value)
        }
    }

    /// The members in the order of their keys' bytes.
    public private(set) var members: [Member]

    /// Makes an empty object.
    public init() {
        self.members = []
    }

    /// Takes members that are already ordered and unique.
    init(ordered members: [Member]) {
        self.members = members
    }

    /// Orders members; of equal keys the last one stays.
    init(lastWins members: [Member]) {
        self.members = members
        guard !isOrdered else { return }
        let order = members.indices.sorted { left, right in
            members[left].key.precedesByBytes(members[right].key)
                || (left < right && members[left].key.hasSameBytes(as: members[right].key))
        }
        self.members.removeAll(keepingCapacity: true)
        for index in order {
            if let last = self.members.last, last.key.hasSameBytes(as: members[index].key) {
                self.members.removeLast()
            }
            self.members.append(members[index])
        }
    }

    /// Whether each key precedes the next.
    private var isOrdered: Bool {
        guard members.count > 1 else { return true }
        return (1..<members.count).allSatisfy { members[$0 - 1].key.precedesByBytes(members[$0].key) }
    }

    /// Whether it is `{}`.
    public var isEmpty: Bool { members.isEmpty }
    /// How many members it has, those of nested objects not counted.
    public var count: Int { members.count }
    /// The keys in the order of their bytes; copies them, linear in ``count``.
    public var keys: [String] { members.map(\.key) }

    /// The value of a key; assigning nil removes the key.
    public subscript(key: String) -> JSONValue? {
        get { index(of: key).map { members[$0].value } }
        set {
            let position = insertionPoint(of: key)
            let exists = position < members.count && members[position].key.hasSameBytes(as: key)
            switch (newValue, exists) {
            case (let value?, true): members[position].value = value
            case (let value?, false): members.insert(Member(key: key, value: value), at: position)
            case (nil, true): members.remove(at: position)
            case (nil, false): break
            }
        }
    }

    /// Changes the value of a key in place; nil when the key is missing.
    package mutating func change<Result, Failure>(
        _ key: String, _ body: (inout JSONValue) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let index = index(of: key) else { return nil }
        return try body(&members[index].value)
    }

    /// The position of a key in ``members``, or nil when it is missing.
    ///
    /// `hint` is looked at first.
    func index(of key: String, hint: Int = 0) -> Int? {
        if hint < members.count, members[hint].key.hasSameBytes(as: key) { return hint }
        let position = insertionPoint(of: key)
        return position < members.count && members[position].key.hasSameBytes(as: key) ? position : nil
    }

    private func insertionPoint(of key: String) -> Int {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].key.precedesByBytes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
