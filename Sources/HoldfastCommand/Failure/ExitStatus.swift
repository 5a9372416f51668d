/// The numbers a script may rely on.
enum ExitStatus: Int32, Sendable {
    case done = 0
    case failed = 1
    case usage = 64
    case badInput = 65
    case notFound = 66
    case unavailable = 69
    case internalError = 70
    case cannotCreate = 73
    case inputOutput = 74
    case held = 75
    case denied = 77
    case configuration = 78
    case interrupted = 130
}
