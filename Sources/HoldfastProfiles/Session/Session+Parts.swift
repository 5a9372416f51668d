import HoldfastStorage

extension Session {
    /// Puts a document in the place of another one of this session, which may be another world altogether.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` when no save could take its parts.
    func accept(
        _ document: inout Document, after before: Document, stored: [PartName: UInt64]
    ) throws(ProfileError) {
        do {
            try codec.parts?.follow(&document, before, stored)
        } catch {
            throw ProfileError(.badInput, "the change cannot be saved: \(error)", record: id, underlying: error)
        }
    }
}
