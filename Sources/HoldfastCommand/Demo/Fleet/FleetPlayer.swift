/// One simulated client, and where the director believes its player to be.
struct FleetPlayer: Sendable, Equatable {
    /// Why an open was ordered.
    enum Reason: Sendable, Equatable {
        case join
        case hop
        /// Its server died or froze; the number names the ``Rescue``.
        case rescue(Int)
    }

    enum State: Sendable, Equatable {
        case away
        /// Will be opened somewhere at `until`.
        case waiting(until: Duration, Reason)
        case opening(slot: Int, Reason)
        case active(slot: Int)
        /// Asked to leave a change unsaved before it hops to `target`.
        case preparing(slot: Int, target: Int)
        case leaving(slot: Int)
    }

    let name: String
    var state: State = .away
    /// Names the present stay; answers that carry another one are late.
    var ticket = 0
    /// Since when it is in ``state``.
    var since: Duration = .zero

    /// The place it is in or on its way to.
    var slot: Int? {
        switch state {
        case .away, .waiting: nil
        case .opening(let slot, _), .active(let slot), .preparing(let slot, _), .leaving(let slot): slot
        }
    }

    var isAway: Bool { state == .away }

    /// A name that reads well in a ticker, always the same for the same number, such as `ada-0`.
    static func name(_ number: Int) -> String { "\(names[number % names.count])-\(number)" }

    private static let names = [
        "ada", "blaise", "clara", "dorian", "edda", "finn", "greta", "hugo", "ines", "jonas", "kira", "leo", "maya",
        "nils", "olga", "pavel", "quinn", "rosa", "sven", "tara", "ugo", "vera", "wim", "yara", "zeno",
    ]
}
