import HoldfastProfiles
import HoldfastTesting
import InMemoryTracing

/// Sees the trace and the spans of the servers that it configures.
struct Watcher: Sendable {
    let lines = LogLines()
    let tracer = InMemoryTracer()

    /// The configuration of a server that is watched.
    func configuration(_ fleet: TestFleet, _ id: String = "server-1") -> CoordinatorConfiguration {
        var configuration = fleet.configuration(id)
        configuration.traces = true
        configuration.tracer = tracer
        return configuration
    }

    /// The lines of the trace as `server side call outcome`, those with that value of one key.
    func calls(_ key: String, _ value: String) -> [String] {
        lines.all.filter { $0.level == .trace && $0.value("holdfast.\(key)") == value }.map { line in
            ["server", "side", "call", "outcome"].map { line.value("holdfast.\($0)") ?? "?" }.joined(separator: " ")
        }
    }

    /// The spans of that name that have ended, those with that value of one attribute.
    func spans(_ name: String, _ key: String, _ value: String) -> [FinishedInMemorySpan] {
        tracer.finishedSpans.filter { $0.operationName == name && Self.text($0, "holdfast.\(key)") == value }
    }

    /// The text of an attribute.
    static func text(_ span: FinishedInMemorySpan, _ key: String) -> String? {
        guard case .string(let text)? = span.attributes.get(key) else { return nil }
        return text
    }
}
