extension PartWrite {
    /// What turns parts into others, in order of name; those that are alike already are left alone.
    package static func changes(from old: [Part], to new: [Part]) -> [PartWrite] {
        var payloads: [PartName: PartPayload] = [:]
        for part in old { payloads[part.name] = part.payload }
        var writes: [PartWrite] = []
        for part in new {
            let before = payloads.removeValue(forKey: part.name)
            if before != part.payload { writes.append(PartWrite(name: part.name, payload: part.payload)) }
        }
        writes += payloads.keys.map { PartWrite(name: $0, payload: nil) }
        return writes.sorted { $0.name < $1.name }
    }
}

extension [PartWrite] {
    /// Cuts them into pieces for a commit each, small enough that other writers get their turn in between.
    package func batches(ofCount limit: Int = 1_000, bytes: Int = 4_194_304) -> [[PartWrite]] {
        var batches: [[PartWrite]] = []
        var load = 0
        for write in self {
            let size = write.payload?.bytes.count ?? 0
            if let count = batches.last?.count, count < limit, load + size <= bytes {
                batches[batches.count - 1].append(write)
                load += size
            } else {
                batches.append([write])
                load = size
            }
        }
        return batches
    }
}
