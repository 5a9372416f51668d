@_exported public import HoldfastPrivateServers

/// Why a private server could not be started or asked.
public typealias TestServerError = PrivateServerError
