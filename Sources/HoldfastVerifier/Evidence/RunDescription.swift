import Foundation

/// What `run.json` beside the journals says of the run.
struct RunDescription {
    let deployment: String
    /// The players.
    let collection: String
    /// Whether Redis was emptied, killed or rolled back during the run.
    let redisFaults: Bool

    /// The worlds.
    var worlds: String { "\(collection)-worlds" }

    init(deployment: String, collection: String, redisFaults: Bool) {
        self.deployment = deployment
        self.collection = collection
        self.redisFaults = redisFaults
    }

    init(folder: URL) throws(VerifierError) {
        let file = folder.appendingPathComponent("run.json")
        let bytes: Data
        do {
            bytes = try Data(contentsOf: file)
        } catch {
            throw VerifierError(.notFound, "cannot read \(file.path)", underlying: error)
        }
        do throws(JSONFailure) {
            let object = try JSONObject(Array(bytes))
            self.init(
                deployment: try object.string("deployment"), collection: try object.string("collection"),
                redisFaults: try object.flag("redisFaults"))
        } catch {
            throw VerifierError(.badJournal, "\(file.path): \(error)", underlying: error)
        }
    }
}
