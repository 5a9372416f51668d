import HoldfastStorage

/// A board as the store defines it.
struct BoardRecord: Sendable, Equatable {
    let space: BoardSpace
    let settings: BoardSettings
    /// Milliseconds since 1970, UTC.
    let createdAtMillis: Int64

    var calendar: SeasonCalendar { SeasonCalendar(schedule: settings.schedule, tournament: settings.tournament) }

    /// What a submission has to meet besides its season's window.
    var conditions: ScoreSubmission.Conditions {
        ScoreSubmission.Conditions(
            maximumSubmissions: settings.tournament?.maximumSubmissions,
            maximumMembers: settings.tournament?.capacity,
            requiresMember: settings.tournament?.requiresJoin ?? false)
    }

    /// The form in the store.
    private struct Stored: Codable {
        /// Where the name of the definition is not the board's.
        let name: String?
        let generation: String
        let rules: BoardRules
        let reset: String
        let tournament: Tournament?
        let keptSeasons: Int?
        let createdAt: Int64
    }

    /// The definition's value.
    ///
    /// - Parameter named: Whether it brings the board's name, for a definition of another name.
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    func encoded(named: Bool = false) throws(MemoryStoreError) -> [UInt8] {
        let stored = Stored(
            name: named ? space.board : nil, generation: space.generation.description, rules: settings.rules,
            reset: settings.schedule.description,
            tournament: settings.tournament, keptSeasons: settings.keptSeasons, createdAt: createdAtMillis)
        return try ValueCoding.encode(stored, maximum: Definition.maximumValueBytes)
    }

    /// Reads a definition.
    ///
    /// - Throws: ``MemoryStoreError`` with code `corrupt`.
    static func decode(_ definition: Definition) throws(MemoryStoreError) -> BoardRecord {
        let stored = try ValueCoding.decode(Stored.self, from: definition.value)
        let name = stored.name ?? String(definition.name.description.dropFirst(BoardSpace.prefix.count))
        guard let generation = RandomID(hex: stored.generation), let schedule = try? ResetSchedule(stored.reset) else {
            throw MemoryStoreError(.corrupt, "the definition of board \(name) cannot be read")
        }
        return BoardRecord(
            space: BoardSpace(board: name, generation: generation),
            settings: BoardSettings(
                rules: stored.rules, schedule: schedule, tournament: stored.tournament,
                keptSeasons: stored.keptSeasons),
            createdAtMillis: stored.createdAt)
    }
}
