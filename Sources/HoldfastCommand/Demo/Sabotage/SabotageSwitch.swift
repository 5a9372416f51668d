import HoldfastCoordination
import HoldfastStorage

/// Puts a build together that is broken on purpose, so that the verifier can be seen to notice.
///
/// A release build refuses every name.
enum SabotageSwitch {
    /// Refuses an unknown name before anything is started.
    static func check(_ name: String?) throws(CommandError) {
        guard let name else { return }
        #if DEBUG
            guard Sabotage(rawValue: name) == nil else { return }
            let names = Sabotage.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage("--sabotage: one of \(names), not \(name.debugDescription)")
        #else
            throw .usage("--sabotage: \(name.debugDescription) needs a debug build")
        #endif
    }

    /// Wraps store and coordination as `name` says; nil leaves them as they are.
    static func apply(
        _ name: String?, _ store: inout any DurableStore, _ coordination: inout any CoordinationBackend
    ) throws(CommandError) {
        try check(name)
        #if DEBUG
            guard let sabotage = name.flatMap({ Sabotage(rawValue: $0) }) else { return }
            switch sabotage {
            case .noFenceCompare: store = UnfencedStore(base: store)
            case .releaseWithoutNonce: coordination = CarelessReleaseBackend(base: coordination)
            case .receiptApart: store = ReceiptApartStore(base: store)
            case .earlyAcknowledgement: store = EarlyAcknowledgementStore(base: store)
            case .lostProjection: store = LostProjectionStore(base: store)
            case .doubledScore: store = DoubledScoreStore(base: store)
            case .lostScore: store = LostScoreStore(base: store)
            case .scoreApart: store = ScoreApartStore(base: store)
            case .lostAnnouncement: store = LostAnnouncementStore(base: store)
            case .tokenRestart: store = TokenRestartStore(base: UnfencedStore(base: store))
            }
        #endif
    }
}
