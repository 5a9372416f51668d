package import Tracing

/// Is told of calls to the store and to Redis: of those that failed, and of all while it traces.
package protocol CallWatch: Sendable {
    /// Whether calls that went well are told as well.
    var isTracing: Bool { get }

    /// Makes spans of calls and steps; nil makes none.
    var tracer: (any Tracer)? { get }

    /// Told after every failure, and after every call while ``isTracing``; must not wait.
    func finished(_ call: FinishedCall)
}
