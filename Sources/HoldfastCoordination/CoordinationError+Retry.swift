public import HoldfastStorage

extension CoordinationError.Code {
    /// The pauses before a request that met this is sent again.
    public var retryPauses: RetryPauses {
        switch self {
        case .deadline: .congestion
        case .unavailable, .outcomeUnknown, .closed, .internalError: .outage
        case .denied, .wrongDeployment: .operatorNeeded
        default: .request
        }
    }
}
