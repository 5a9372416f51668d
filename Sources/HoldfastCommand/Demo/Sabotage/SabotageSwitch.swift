import HoldfastCoordination
import HoldfastStorage

/// Puts a build together that is broken on purpose, so that the verifier can be seen to notice.
///
/// Several names with commas between them break one build in several ways. A release build refuses every name.
enum SabotageSwitch {
    /// Refuses an unknown name before anything is started.
    static func check(_ names: String?) throws(CommandError) {
        guard let names else { return }
        #if DEBUG
            for name in split(names) where Sabotage(rawValue: name) == nil {
                let known = Sabotage.allCases.map(\.rawValue).joined(separator: ", ")
                throw .usage("--sabotage: some of \(known), not \(name.debugDescription)")
            }
        #else
            throw .usage("--sabotage: \(names.debugDescription) needs a debug build")
        #endif
    }

    private static func split(_ names: String) -> [String] {
        names.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// Wraps store and coordination as `names` say; nil leaves them as they are.
    static func apply(
        _ names: String?, _ store: inout any DurableStore, _ coordination: inout any CoordinationBackend
    ) throws(CommandError) {
        try check(names)
        #if DEBUG
            for sabotage in names.map(split) ?? [] {
                apply(Sabotage(rawValue: sabotage), &store, &coordination)
            }
        #endif
    }

    #if DEBUG
        private static func apply(
            _ sabotage: Sabotage?, _ store: inout any DurableStore, _ coordination: inout any CoordinationBackend
        ) {
            switch sabotage {
            case nil: break
            case .noFenceCompare: store = UnfencedStore(store: store)
            case .releaseWithoutNonce: coordination = CarelessReleaseBackend(base: coordination)
            case .receiptApart: store = ReceiptApartStore(store: store)
            case .earlyAcknowledgement: store = EarlyAcknowledgementStore(store: store)
            case .lostProjection: store = LostProjectionStore(store: store)
            case .doubledScore: store = DoubledScoreStore(store: store)
            case .lostScore: store = LostScoreStore(store: store)
            case .scoreApart: store = ScoreApartStore(store: store)
            case .lostAnnouncement: store = LostAnnouncementStore(store: store)
            case .partsApart: store = PartsApartStore(store: store)
            case .emptyCancel: store = EmptyCancelStore(store: store)
            case .decisionApart: store = DecisionApartStore(store: store)
            case .tokenRestart: store = TokenRestartStore(store: UnfencedStore(store: store))
            }
        }
    #endif
}
