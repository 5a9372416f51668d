import Holdfast
import HoldfastGameplay

extension CollectionOptions<Player> {
    /// What the game does around a player's stay.
    mutating func addHooks(clock: GameClock, counters: BlockCounters, book: GuestBook) {
        onJoining { session in
            let now = clock.now()
            let isNew = session.version == 0
            try session.edit { player in
                if !isNew, let away = try OfflineRules().timeAway(since: player.lastSave, at: now) {
                    let reward = try away.reward(perHour: 20)
                    try player.earn(reward, of: .coins, id: away.id, reason: "offline", at: now)
                }
                player.lastLogin = now
                player.lastSave = now
            }
            counters.begin(session.document)
        }
        // The fast counters of the running game go into the document right before it is saved.
        beforeSave { player in
            if let placed = counters.placed(by: player) { player.statistics.blocksPlaced = placed }
        }
        afterSave { session, receipt in
            book.noteSave(of: session.key, version: receipt.version)  // durable
        }
        onLeaving { session, _ in
            try session.edit { $0.lastSave = clock.now() }
        }
        onEnded { session, end in
            counters.end(session.document)
            book.noteEnd(of: session.key, end)  // closed, handed over to which server, drained, lost and why
        }
    }
}
