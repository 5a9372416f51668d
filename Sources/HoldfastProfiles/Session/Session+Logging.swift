import HoldfastStorage
import Logging

/// What the operator's log has of every load and save: names, numbers and errors, never a word of the document.
extension Session {
    /// Tells of a load, for a look at one player's troubles: `debug`.
    func logLoad(_ content: Content?) {
        host.logger.debug(
            "loaded",
            metadata: [
                "holdfast.record": "\(id)", "holdfast.origin": "\(opening.origin)", "holdfast.version": "\(version)",
                "holdfast.bytes": "\(content?.payload.documentBytes ?? 0)", "holdfast.new": "\(content == nil)",
            ])
    }

    /// Tells of a save that wrote something: `debug`.
    func logSave(_ receipt: SaveReceipt, _ encoded: EncodedDocument) {
        guard receipt.wrote else { return }
        host.logger.debug(
            "saved",
            metadata: [
                "holdfast.record": "\(id)", "holdfast.version": "\(receipt.version)",
                "holdfast.bytes": "\(encoded.payload.documentBytes)", "holdfast.stored_bytes": "\(encoded.storedBytes)",
            ])
    }

    /// Tells of a save that failed: `error` where the next one will fail, too, unless somebody acts.
    func logFailedSave(_ error: ProfileError) {
        host.logger.log(
            level: error.isRetriable || isEnded ? .debug : .error, "a save failed",
            metadata: ["holdfast.record": "\(id)", "holdfast.error": "\(error)"])
    }
}
