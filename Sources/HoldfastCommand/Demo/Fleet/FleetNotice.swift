/// One line of the ticker.
struct FleetNotice: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case server, hop, crash, freeze, recovery, trouble
    }

    let at: Duration
    let kind: Kind
    let text: String
}
