// What the writes of a commit may bring.

extension RecordWrite {
    /// The bytes that it brings, for the bound of a group.
    var groupBytes: Int {
        guard case .content(let content) = change else { return 0 }
        // Names and row heads weigh as much as small parts do.
        let parts = parts.reduce(0) { $0 + ($1.payload?.bytes.count ?? 0) + PartName.maximumBytes }
        return content.payload.bytes.count + (content.metadata?.count ?? 0) + parts
    }

    /// Checks what every backend relies on.
    func validate() throws(StoreError) {
        if case .always(let reason) = keeps { try KeepRule.validate(reason: reason) }
        guard case .content(let content) = change else {
            guard parts.isEmpty else { throw StoreError(.badInput, "parts are written with content only") }
            return
        }
        guard !content.payload.bytes.isEmpty else { throw StoreError(.badInput, "a payload is empty") }
        guard (0...DurableStoreLimits.documentBytes).contains(content.payload.documentBytes) else {
            throw StoreError(.badInput, "a document has at most \(DurableStoreLimits.documentBytes) bytes")
        }
        guard content.userIDs.allSatisfy({ $0.utf8.count <= Erasure.maximumUserIDBytes }),
            content.userIDs.count <= Content.maximumUserIDs
        else {
            throw StoreError(
                .badInput,
                "content names at most \(Content.maximumUserIDs) user ids of \(Erasure.maximumUserIDBytes) bytes each")
        }
        if !parts.isEmpty { try validateParts() }
    }

    private func validateParts() throws(StoreError) {
        let removals = parts.count { $0.payload == nil }
        guard parts.count - removals <= PartWrite.maximumCount, removals <= PartWrite.maximumRemovals else {
            throw StoreError(
                .badInput,
                "a write puts at most \(PartWrite.maximumCount) parts and removes at most "
                    + "\(PartWrite.maximumRemovals), not \(parts.count - removals) and \(removals)")
        }
        var names = Set<PartName>(minimumCapacity: parts.count)
        var bytes = 0
        for part in parts {
            guard names.insert(part.name).inserted else {
                throw StoreError(.badInput, "a write names the part \(part.name) twice")
            }
            guard let count = part.payload?.bytes.count else { continue }
            guard (1...PartPayload.maximumBytes).contains(count) else {
                throw StoreError(.badInput, "a part has 1 to \(PartPayload.maximumBytes) bytes, not \(count)")
            }
            bytes += count
        }
        guard bytes <= PartWrite.maximumBytes else {
            throw StoreError(
                .badInput, "the parts of a write have at most \(PartWrite.maximumBytes) bytes, not \(bytes)")
        }
    }
}

extension CommitRequest {
    /// Checks what every backend relies on.
    func validateEntries() throws(StoreError) {
        guard !entries.isEmpty else { return }
        for append in entries {
            try append.validate()
            guard append.limit == nil else {
                throw StoreError(.badInput, "entries of a commit have no limit: they never refuse it")
            }
        }
        guard Set(entries.map(\.log)).count == entries.count else {
            throw StoreError(.badInput, "a commit appends to each log only once")
        }
        let count = entries.reduce(0) { $0 + $1.entries.count }
        guard count <= Self.maximumEntries else {
            throw StoreError(.badInput, "a commit has at most \(Self.maximumEntries) log entries, not \(count)")
        }
    }
}
