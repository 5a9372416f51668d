/// What a pool of tickets takes.
enum TicketLimits {
    /// The most tickets that wait in one pool.
    static let waiting = 10_000
    /// The most bytes of a ticket as JSON.
    static let ticketBytes = 2_048
    /// The most bytes of a match as JSON: 100 tickets and what a server adds to them.
    static let matchBytes = 524_288
    /// The most players of a party, and of a match.
    static let players = 100
    /// How long it is known what became of a ticket.
    static let resultMillis: Int64 = 300_000
    /// The longest life of a ticket: a day.
    static let longestLife = Duration.seconds(86_400)

    /// The ticket's JSON.
    ///
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    static func encode(_ ticket: Ticket) throws(MemoryStoreError) -> [UInt8] {
        try check(id: ticket.id)
        guard (1...players).contains(ticket.players.count) else {
            throw MemoryStoreError(.badInput, "a party has 1 to \(players) players, not \(ticket.players.count)")
        }
        guard Set(ticket.players.map { Array($0.utf8) }).count == ticket.players.count else {
            throw MemoryStoreError(.badInput, "a party names each player once")
        }
        return try ValueCoding.encode(ticket, maximum: ticketBytes)
    }

    static func check(id: String) throws(MemoryStoreError) {
        // Four bytes a scalar at most.
        guard !id.isEmpty, id.utf8.count <= 512, id.unicodeScalars.count <= 128 else {
            throw MemoryStoreError(.badInput, "the id of a ticket has 1 to 128 characters")
        }
    }

    static func millis(_ life: Duration) throws(MemoryStoreError) -> Int64 {
        guard life >= .milliseconds(1), life <= longestLife else {
            throw MemoryStoreError(.badInput, "a ticket waits for 1 ms to 24 hours")
        }
        return Int64(life / .milliseconds(1))
    }
}
