/// The parts of all records of an ``InMemoryStore``.
struct InMemoryParts {
    private var parts: [RecordID: [PartName: Part]] = [:]

    mutating func apply(_ writes: [PartWrite], of id: RecordID, version: Int64) {
        for write in writes {
            parts[id, default: [:]][write.name] = write.payload.map { payload in
                Part(name: write.name, version: version, payload: payload)
            }
        }
    }

    /// Every part of every record, in no order.
    var all: [(id: RecordID, part: Part)] { parts.flatMap { id, parts in parts.values.map { (id, $0) } } }

    mutating func add(_ part: Part, to id: RecordID) {
        parts[id, default: [:]][part.name] = part
    }

    /// Says whether there were any.
    @discardableResult
    mutating func removeAll(of id: RecordID) -> Bool {
        parts.removeValue(forKey: id)?.isEmpty == false
    }

    /// Looks at every part of the record and sorts what it found.
    func page(of id: RecordID, startingWith prefix: [UInt8], after: PartName?, limit: Int) -> [Part] {
        let found = (parts[id] ?? [:]).values.filter { part in
            part.name.bytes.starts(with: prefix) && after.map { $0 < part.name } ?? true
        }
        return Array(found.sorted { $0.name < $1.name }.prefix(limit))
    }

    func part(_ name: PartName, of id: RecordID) -> Part? { parts[id]?[name] }

    func summary(of collection: CollectionName) -> (count: Int, bytes: Int) {
        let ids = parts.keys.filter { $0.collection == collection }
        return ids.map { summary(of: $0) }.reduce((0, 0)) { ($0.0 + $1.count, $0.1 + $1.bytes) }
    }

    func summary(of id: RecordID) -> (count: Int, bytes: Int) {
        let parts = parts[id] ?? [:]
        return (parts.count, parts.values.reduce(0) { $0 + $1.payload.bytes.count })
    }
}
