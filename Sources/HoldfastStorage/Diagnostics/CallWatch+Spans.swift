internal import Tracing

/// An error whose code is a word for logs and spans.
package protocol CodedFailure: Error {
    /// The code's word.
    var word: String { get }
}

extension StoreError: CodedFailure {
    package var word: String { code.description }
}

extension Error {
    /// What logs and spans call it: the word of its code, or the name of its type, and nothing that it holds.
    package var failureWord: String {
        // As Any, since where any error may be thrown its static type has no name.
        (self as? any CodedFailure)?.word ?? "\(type(of: self as Any))"
    }
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

    /// One step of a server's own work.
    ///
    /// - Parameter links: What the step is about beside a record, by keys behind `holdfast.`.
    package static func step(
        _ record: RecordID?, count: Int, server: String, links: [String: String]
    ) -> SpanFacts {
        var attributes = SpanAttributes()
        attributes["holdfast.server"] = server
        if let record { attributes["db.collection.name"] = record.collection.description }
        if let record { attributes["holdfast.record"] = record.description }
        if count > 1 { attributes["holdfast.count"] = count }
        for (key, value) in links { attributes["holdfast.\(key)"] = value }
        return SpanFacts(kind: .internal, attributes: attributes)
    }
}

extension CallWatch {
    /// Runs `body` inside a span where there is a tracer; a failure marks the span with its code.
    package func inSpan<Success, Failure: Error>(
        _ name: String, _ facts: @autoclosure () -> SpanFacts,
        _ body: () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        guard let tracer else { return try await body() }
        return try await inSpan(tracer, name, facts(), { _ in nil }, { await caught(body) }).get()
    }

    /// The same for work that returns its failure.
    ///
    /// - Parameter outcome: What a success came to, in one word.
    package func inSpan<Success, Failure: Error>(
        _ name: String, _ facts: @autoclosure () -> SpanFacts, outcome: (Success) -> String,
        returning body: () async -> Result<Success, Failure>
    ) async -> Result<Success, Failure> {
        guard let tracer else { return await body() }
        return await inSpan(tracer, name, facts(), { outcome($0) }, body)
    }

    private func inSpan<Success, Failure: Error>(
        _ tracer: any Tracer, _ name: String, _ facts: SpanFacts, _ outcome: (Success) -> String?,
        _ body: () async -> Result<Success, Failure>
    ) async -> Result<Success, Failure> {
        await tracer.withSpan(name, ofKind: facts.kind) { span in
            span.attributes.merge(facts.attributes)
            let result = await body()
            switch result {
            case .success(let success):
                if let outcome = outcome(success) { span.attributes["holdfast.outcome"] = outcome }
            case .failure(let error):
                span.attributes["error.type"] = error.failureWord
                span.setStatus(SpanStatus(code: .error))
            }
            return result
        }
    }

    /// Makes the span of something that has just ended, which nothing was awaited in.
    package func addSpan(
        _ name: String, _ facts: @autoclosure () -> SpanFacts, took duration: Duration, outcome: String,
        isFailure: Bool
    ) {
        guard let tracer else { return }
        let facts = facts()
        let end = DefaultTracerClock.now
        let began = end.nanosecondsSinceEpoch - UInt64(clamping: Int64(duration / .nanoseconds(1)))
        let span = tracer.startSpan(
            name, ofKind: facts.kind, at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: began))
        span.attributes.merge(facts.attributes)
        if isFailure {
            span.attributes["error.type"] = outcome
            span.setStatus(SpanStatus(code: .error))
        } else {
            span.attributes["holdfast.outcome"] = outcome
        }
        span.end(at: end)
    }

    /// A result in a function of its own: made in a closure, it is miscompiled by some releases.
    package func caught<Success, Failure: Error>(
        _ body: () async throws(Failure) -> Success
    ) async -> Result<Success, Failure> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
