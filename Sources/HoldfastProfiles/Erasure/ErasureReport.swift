public import HoldfastStorage

/// What an erasure removed, or would remove.
public struct ErasureReport: Sendable, Equatable {
    /// One record that names the person.
    public struct ErasedRecord: Sendable, Equatable {
        /// The record.
        public let id: RecordID
        /// Whether it names others, too, whose data goes with it.
        public let isShared: Bool
        /// Its payload and parts as stored.
        public let storedBytes: Int
        /// Its parts, such as the chunks of a world.
        public let parts: Int
        /// Its kept versions.
        public let historyVersions: Int
        /// Its operations that were waiting; they are cancelled.
        public let pendingOperations: Int
        /// Whether a server held it.
        public let wasOpen: Bool
    }

    /// The person, as ``Content/userIDs`` names them.
    public let userID: String
    /// Records that were emptied, in order of collection and key; one that was written again meanwhile comes twice.
    public internal(set) var records: [ErasedRecord] = []
    /// Kept versions that named the person, of records that named them no longer; 0 in a preview, which has not looked.
    public internal(set) var historyVersions = 0
    /// What boards and message boxes held.
    public internal(set) var scores = ErasedScores()
    /// Names under which boards and message boxes were searched: the user id, and the keys of records that name nobody
    /// else.
    public internal(set) var names: [Key] = []
    /// Open sessions that were told and have ended.
    public internal(set) var endedSessions = 0
    /// Servers that held a record and did not answer in time: their sessions can save nothing, and end by themselves.
    public internal(set) var silentServers: [String] = []
}
