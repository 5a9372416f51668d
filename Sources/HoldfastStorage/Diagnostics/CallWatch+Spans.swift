internal import Tracing

/// An error whose code is a word for logs and spans.
package protocol CodedFailure: Error {
    /// The code's word.
    var word: String { get }
}

extension StoreError: CodedFailure {
    package var word: String { code.description }
}

/// What a span is told of the work that it covers, under the names of OpenTelemetry's conventions where there are some.
package struct SpanFacts: Sendable {
    var kind: SpanKind
    var attributes: SpanAttributes

    /// One call to Redis or the store.
    package static func call(
        _ side: FinishedCall.Side, _ name: String, record: RecordID? = nil, count: Int = 1
    ) -> SpanFacts {
        var attributes = SpanAttributes()
        attributes["db.system.name"] = side == .redis ? "redis" : "other_sql"
        attributes["db.operation.name"] = name
        if count > 1 { attributes["db.operation.batch.size"] = count }
        if let record { attributes["db.collection.name"] = record.collection.description }
        if let record { attributes["holdfast.record"] = record.description }
        return SpanFacts(kind: .client, attributes: attributes)
    }

    /// One step of a session.
    package static func step(of record: RecordID, server: String) -> SpanFacts {
        var attributes = SpanAttributes()
        attributes["db.collection.name"] = record.collection.description
        attributes["holdfast.record"] = record.description
        attributes["holdfast.server"] = server
        return SpanFacts(kind: .internal, attributes: attributes)
    }
}

extension CallWatch {
    /// Runs `body` inside a span where there is a tracer; a failure marks the span with its code.
    package func inSpan<Success, Failure: CodedFailure>(
        _ name: String, _ facts: @autoclosure () -> SpanFacts,
        _ body: () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        guard let tracer else { return try await body() }
        return try await inSpan(tracer, name, facts()) { await caught(body) }.get()
    }

    /// The same for work that returns its failure.
    package func inSpan<Success, Failure: CodedFailure>(
        _ name: String, _ facts: @autoclosure () -> SpanFacts, returning body: () async -> Result<Success, Failure>
    ) async -> Result<Success, Failure> {
        guard let tracer else { return await body() }
        return await inSpan(tracer, name, facts(), body)
    }

    private func inSpan<Success, Failure: CodedFailure>(
        _ tracer: any Tracer, _ name: String, _ facts: SpanFacts, _ body: () async -> Result<Success, Failure>
    ) async -> Result<Success, Failure> {
        await tracer.withSpan(name, ofKind: facts.kind) { span in
            span.attributes.merge(facts.attributes)
            let result = await body()
            if case .failure(let error) = result {
                span.attributes["error.type"] = error.word
                span.setStatus(SpanStatus(code: .error))
            }
            return result
        }
    }

    /// A result in a function of its own: made in a closure, it is miscompiled by some releases.
    private func caught<Success, Failure: Error>(
        _ body: () async throws(Failure) -> Success
    ) async -> Result<Success, Failure> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
