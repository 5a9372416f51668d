import HoldfastStorage

extension Session {
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
