/// The memory that a person's data was erased, so that it can be erased again after a restore.
public struct Erasure: Sendable, Equatable {
    /// The most bytes of a user id: 1,000.
    public static let maximumUserIDBytes = 1_000

    /// The person, as ``Content/userIDs`` names them.
    public let userID: String
    /// Milliseconds since 1970, UTC, of the last time.
    public let rememberedAtMillis: Int64

    /// Joins the columns of one row as a store read them; checks nothing.
    public init(userID: String, rememberedAtMillis: Int64) {
        self.userID = userID
        self.rememberedAtMillis = rememberedAtMillis
    }

    /// Checks a user id as every backend relies on it.
    package static func validate(userID: String) throws(StoreError) {
        guard (1...maximumUserIDBytes).contains(userID.utf8.count) else {
            throw StoreError(
                .badInput, "a user id has 1 to \(maximumUserIDBytes) bytes, not \(userID.utf8.count)")
        }
    }
}
