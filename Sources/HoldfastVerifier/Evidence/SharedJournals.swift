/// The lines about what servers share: scores on boards, the boards at the end, and announcements.
struct SharedJournals {
    /// The boards of a run; all rank high scores first.
    enum Board: String, CaseIterable {
        /// Keeps the best; whoever got there first comes first, and every rank is one member's.
        case best
        /// Adds; the larger id comes first among equals, who share a rank (1, 2, 2, 4).
        case sum
        /// Shows the rewards in each document, brought there by the document's own commits; the larger id comes first
        /// among equals, who share a rank (1, 2, 2, 3).
        case rewards

        /// What the names of its score tables start with in the store, in a run with this collection.
        func tables(in collection: String) -> String { "board:\(collection)-\(rawValue):" }
    }

    /// What a server learned of something that it sent to the store.
    enum Fate {
        /// Nothing: it may or may not have taken effect.
        case unknown
        case acknowledged
        /// It had no effect.
        case withdrawn
    }

    /// One submission.
    struct Score {
        let board: Board
        let key: KeyIndex
        let score: Int64
        var fate = Fate.unknown
    }

    /// One row that Redis showed when the fleet had ended.
    struct Row: Equatable {
        let key: KeyIndex
        let rank: Int64
        let score: Int64
    }

    /// One durable announcement.
    struct Announcement {
        let id: RandomID
        var fate = Fate.unknown
        /// Its number, and when it was acknowledged.
        var sequence: Int64?
        var acknowledgedAt: Journals.Instant?
    }

    /// What one process heard on the channel.
    struct Listener {
        struct Heard {
            let sequence: Int64
            let id: RandomID
        }

        let process: Int
        /// The server, the same for the processes that replace each other.
        let reader: String
        let startedAt: Journals.Instant
        /// It hears what has a higher number than this.
        let after: Int64
        var heard: [Heard] = []
        /// Numbers that it was told it had missed, to the last there can be where nobody knew the end.
        var gaps: [ClosedRange<Int64>] = []
        /// When it began to stop in order; nil for a process that was killed.
        var partedAt: Journals.Instant?
    }

    private(set) var scores: [Score] = []
    /// The rows of each board in Redis' order; a board whose reading was not finished is missing.
    private(set) var rankings: [Board: [Row]] = [:]
    private(set) var announcements: [Announcement] = []
    private(set) var listeners: [Listener] = []

    /// Of the process that is being read.
    private var pending: [Int64: Int] = [:]
    private var isListening = false
    private var unfinished: [Board: [Row]] = [:]
    private var announcementIndex: [RandomID: Int] = [:]

    /// Begins with the lines of another process.
    mutating func beginProcess() {
        pending = [:]
        isListening = false
    }

    /// Takes a line; false for one of another kind.
    mutating func add(
        _ kind: String, _ line: JSONObject, of process: Int, at: Journals.Instant, keys: inout KeyTable
    ) throws(JSONFailure) -> Bool {
        switch kind {
        case "scoring":
            pending[try line.integer("number")] = scores.count
            scores.append(Score(board: try board(line), key: try key(line, &keys), score: try line.integer("score")))
        case "scored", "unscored":
            guard let index = pending.removeValue(forKey: try line.integer("number")) else {
                throw JSONFailure("\(kind) without scoring")
            }
            scores[index].fate = kind == "scored" ? .acknowledged : .withdrawn
        case "ranked":
            let row = Row(key: try key(line, &keys), rank: try line.integer("rank"), score: try line.integer("score"))
            unfinished[try board(line), default: []].append(row)
        case "ranking":
            let board = try board(line)
            let rows = unfinished.removeValue(forKey: board) ?? []
            guard try line.integer("rows") == rows.count else { throw JSONFailure("rows are missing") }
            rankings[board] = rows
        default: return try addAnnouncement(kind, line, of: process, at: at)
        }
        return true
    }

    private mutating func addAnnouncement(
        _ kind: String, _ line: JSONObject, of process: Int, at: Journals.Instant
    ) throws(JSONFailure) -> Bool {
        switch kind {
        case "announcing":
            let id = try line.randomID("id")
            announcementIndex[id] = announcements.count
            announcements.append(Announcement(id: id))
        case "announced", "unannounced":
            guard let index = announcementIndex[try line.randomID("id")] else {
                throw JSONFailure("\(kind) without announcing")
            }
            announcements[index].fate = kind == "announced" ? .acknowledged : .withdrawn
            guard kind == "announced" else { break }
            announcements[index].sequence = try line.integer("sequence")
            announcements[index].acknowledgedAt = at
        case "listening":
            listeners.append(
                Listener(
                    process: process, reader: try line.string("reader"), startedAt: at,
                    after: try line.integer("after")))
            isListening = true
        case "heard":
            let heard = Listener.Heard(sequence: try line.integer("sequence"), id: try line.randomID("id"))
            listeners[try listener(kind)].heard.append(heard)
        case "missed":
            let (from, to) = (try line.integer("from"), try line.optionalInteger("to") ?? .max)
            guard from <= to else { throw JSONFailure("a gap that ends before it begins") }
            listeners[try listener(kind)].gaps.append(from...to)
        case "parting":
            // A process that never came to listen has nothing to answer for.
            if isListening { listeners[listeners.count - 1].partedAt = at }
        default: return false
        }
        return true
    }

    private func listener(_ kind: String) throws(JSONFailure) -> Int {
        guard isListening else { throw JSONFailure("\(kind) without listening") }
        return listeners.count - 1
    }

    private func board(_ line: JSONObject) throws(JSONFailure) -> Board {
        guard let board = Board(rawValue: try line.string("board")) else { throw JSONFailure("unknown board") }
        return board
    }

    private func key(_ line: JSONObject, _ keys: inout KeyTable) throws(JSONFailure) -> KeyIndex {
        keys.index(of: Array(try line.string("key").utf8))
    }
}
