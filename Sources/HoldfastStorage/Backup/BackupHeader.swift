/// What a backup says of itself at its beginning.
public struct BackupHeader: Sendable, Equatable {
    /// The deployment as it was; its generation and layout included.
    public var deployment: Deployment
    /// Milliseconds since 1970, UTC: everything in it is as of this moment.
    public var createdAtMillis: Int64

    /// Joins the two.
    public init(deployment: Deployment, createdAtMillis: Int64) {
        self.deployment = deployment
        self.createdAtMillis = createdAtMillis
    }

    var document: JSONValue {
        [
            "deployment": .string(deployment.name), "id": .string(deployment.id.description),
            "leaseMillis": .integer(deployment.timings.leaseMillis),
            "renewMillis": .integer(deployment.timings.renewMillis),
            "beatMillis": .integer(deployment.timings.beatMillis), "schema": .integer(Int64(deployment.schema)),
            "minimumReader": .integer(Int64(deployment.minimumReader)),
            "generation": .integer(deployment.generation), "createdAtMillis": .integer(createdAtMillis),
        ]
    }

    init(_ document: JSONValue) throws(StoreError) {
        func number(_ name: String) throws(StoreError) -> Int64 {
            guard let number = document[name]?.int64 else {
                throw StoreError(.corrupt, "the backup does not say its \(name)")
            }
            return number
        }
        guard let name = document["deployment"]?.string, let id = document["id"]?.string.flatMap({ RandomID(hex: $0) })
        else { throw StoreError(.corrupt, "the backup does not say what it is of") }
        let timings = DeploymentTimings(
            leaseMillis: try number("leaseMillis"), renewMillis: try number("renewMillis"),
            beatMillis: try number("beatMillis"))
        deployment = Deployment(
            name: name, id: id, timings: timings, schema: Int(try number("schema")),
            minimumReader: Int(try number("minimumReader")), generation: try number("generation"))
        createdAtMillis = try number("createdAtMillis")
        guard (0..<(1 << 53)).contains(deployment.generation) else {
            throw StoreError(.corrupt, "the backup names an impossible generation")
        }
    }
}

/// What a backup holds, known once all of it was written or read.
public struct BackupSummary: Sendable, Equatable {
    /// What it says of itself.
    public var header: BackupHeader
    /// How many rows of each kind it has; none for a kind that does not occur.
    public var rows: [BackupTable: Int]
    /// The size of the file.
    public var bytes: Int
    /// SHA-256 over everything before the footer, in hex digits.
    public var digest: String
}
