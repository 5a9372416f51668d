public import HoldfastStorage

extension ProfileError.Code {
    /// The pauses before a call that met this is made again: the library's own, at games' disposal.
    public var retryPauses: RetryPauses {
        switch self {
        case .busy, .ended: .contention
        case .deadline: .congestion
        case .held: .holder
        case .unavailable, .outcomeUnknown, .notReady, .internalError: .outage
        case .diskFull, .denied, .wrongDeployment, .newerSchema: .operatorNeeded
        default: .request
        }
    }
}
