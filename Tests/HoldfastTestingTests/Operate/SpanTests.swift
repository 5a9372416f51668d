import HoldfastProfiles
import HoldfastStorage
import HoldfastTesting
import InMemoryTracing
import TestServers
import Testing
import Tracing

@Suite("Spans", .timeLimit(.minutes(2)))
struct SpanTests {
    /// The text of an attribute.
    private func text(_ span: FinishedInMemorySpan, _ key: String) -> String? {
        guard case .string(let text)? = span.attributes.get(key) else { return nil }
        return text
    }

    @Test("an open, a save and a close are spans, with the calls to Redis and the store inside")
    func spans() async throws {
        let tracer = InMemoryTracer()
        let fleet = try await TestFleet()
        var configuration = fleet.configuration()
        configuration.tracer = tracer
        try await fleet.withServer(configuration) { server in
            try await server.players().withSession(for: Key(42), timeout: .seconds(30)) { session in
                try session.edit { $0.coins = 1 }
                try await session.save(timeout: .seconds(30))
            }
        }
        let spans = tracer.finishedSpans.filter { text($0, "holdfast.record") == "players/42" }
        let names = Set(spans.map(\.operationName))
        for name in [
            "holdfast.open", "holdfast.save", "holdfast.close", "redis acquire", "redis release", "store group",
        ] { #expect(names.contains(name), "\(name) is missing in \(names)") }
        let open = try #require(spans.first { $0.operationName == "holdfast.open" })
        let acquire = try #require(spans.first { $0.operationName == "redis acquire" })
        #expect(acquire.parentSpanID == open.spanID && acquire.traceID == open.traceID)
        #expect(acquire.kind == .client && open.kind == .internal)
        #expect(text(acquire, "db.system.name") == "redis" && text(acquire, "db.operation.name") == "acquire")
        #expect(text(acquire, "db.collection.name") == "players" && text(open, "holdfast.server") == "server-1")
        #expect(spans.allSatisfy { $0.status == nil && text($0, "error.type") == nil })
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test("a failed call marks its span with its code, and the caller's span is the parent of what it started")
    func failures() async throws {
        let tracer = InMemoryTracer()
        let fleet = try await TestFleet()
        var configuration = fleet.configuration()
        configuration.tracer = tracer
        try await fleet.withServer(configuration) { server in
            let session = try await server.players().open(Key(42), timeout: .seconds(30))
            try session.edit { $0.coins = 1 }
            fleet.store.fail(.before())
            let join = try await tracer.withSpan("join") { span in
                try await session.save(timeout: .seconds(30))
                return span.spanID
            }
            let save = try #require(tracer.finishedSpans.first { $0.operationName == "holdfast.save" })
            #expect(save.parentSpanID == join)
            let groups = tracer.finishedSpans.filter { $0.operationName == "store group" }
            let failed = try #require(groups.first { $0.status != nil })
            #expect(failed.status?.code == .error && text(failed, "error.type") == "unavailable")
            try await session.close(timeout: .seconds(30))
        }
    }
}
