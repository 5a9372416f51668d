import HoldfastStorage

extension Session {
    /// Measures the document as it stands in memory, with what travels beside it, against the limits; stores nothing.
    ///
    /// Costs one encoding of the document. Its parts, operations and history are measured as they are stored:
    /// ``ProfileCollection/usage(of:)``.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` for a document that could not be saved, over 4 MiB for example.
    public func usage() throws(ProfileError) -> RecordUsage {
        let draft = draft()
        let payload = try codec.encode(draft.document, carrying: draft.carried, record: id).payload
        let content = Content(
            payload: payload, schema: draft.carried.schema, userIDs: draft.userIDs, metadata: draft.metadata)
        return RecordUsage(id: id, measures: RecordUsage.measures(of: content))
    }

    /// Tells of a saved document that comes close to the limit, beyond which it could not be saved any more.
    func warnOfSize(_ documentBytes: Int) {
        let measure = UsageMeasure(
            subject: .documentBytes, used: documentBytes, limit: DurableStoreLimits.documentBytes)
        guard measure.isWarning else { return }
        host.metrics.largeSaves.increment()
        host.logger.warning(
            "a saved document is close to the limit of its size",
            metadata: [
                "holdfast.record": "\(id)", "holdfast.bytes": "\(documentBytes)",
                "holdfast.limit_bytes": "\(DurableStoreLimits.documentBytes)",
            ])
    }
}
