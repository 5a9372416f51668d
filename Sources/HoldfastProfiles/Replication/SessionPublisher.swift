public import HoldfastReplication
import HoldfastStorage
import Synchronization

/// Publishes the public part of a session's document to the game's clients; fast: what clients see may not be saved
/// yet.
///
///     let publisher = try session.publisher(of: ["name", "wallet.coins"])
///     async let published: Void = publisher.run()
///     for try await message in publisher.messages() { try await connection.send(message) }
///
/// Every way of changing the document counts: edits, operations, transactions, and an edit that is taken back because
/// its operation was settled elsewhere. Fields that the document type does not know are never published.
public final class SessionPublisher<Document: Sendable>: Sendable {
    /// What the clients' side talks to.
    public let publisher: Publisher
    private let session: Session<Document>
    /// The edition that was published last.
    private let published: Mutex<UInt64>

    init(_ session: Session<Document>, paths: PublicPaths, limits: PublisherLimits) throws(ReplicationError) {
        let (document, edition) = session.state.withLock { ($0.document, $0.edition) }
        self.session = session
        publisher = try Publisher(paths: paths, document: Self.json(of: document, session), limits: limits)
        published = Mutex(edition)
    }

    /// Publishes what was changed since the last call, and returns the message for all clients; nil for nothing.
    ///
    /// Costs next to nothing where nothing was changed, else one encoding of the document.
    ///
    /// - Throws: ``ReplicationError``: `badInput`, `tooLarge`. Nothing was published then.
    @discardableResult
    public func publish() throws(ReplicationError) -> [UInt8]? {
        // Held during the encoding, so that no older document follows a newer one.
        try published.withLock { published throws(ReplicationError) in
            let (document, edition) = session.state.withLock { ($0.document, $0.edition) }
            guard edition != published else { return nil }
            let message = try publisher.publish(Self.json(of: document, session))
            published = edition
            return message
        }
    }

    /// Publishes at an interval until the session is over, and then the last time; returns after that or when
    /// cancelled.
    ///
    /// Ends the ``messages(after:)`` of all clients.
    ///
    /// - Throws: ``ReplicationError`` as ``publish()``.
    public func run(every interval: Duration = .milliseconds(100)) async throws(ReplicationError) {
        defer { publisher.finish() }
        while !session.isEnded, !Task.isCancelled {
            try publish()
            try? await Task.sleep(for: interval)
        }
        try publish()
    }

    /// The messages for one client; see ``Publisher/messages(after:)``.
    public func messages(after position: ReplicaPosition? = nil) -> MessageFeed {
        publisher.messages(after: position)
    }

    /// Answers a client's request; see ``Publisher/answer(_:)``.
    public func answer(_ request: [UInt8]) throws(ReplicationError) -> [[UInt8]] {
        try publisher.answer(request)
    }

    private static func json(of document: Document, _ session: Session<Document>) throws(ReplicationError) -> JSONValue
    {
        do {
            return try session.codec.toJSON(document)
        } catch {
            throw ReplicationError(.badInput, "the document has no form in JSON: \(error)", underlying: error)
        }
    }
}

extension Session {
    /// Begins to publish places of the document to clients; everything else of it stays on the server.
    ///
    /// Several publishers of one session may show different places to different clients.
    ///
    /// - Throws: ``ReplicationError`` with code `badInput` for a document that has no form in JSON.
    public func publisher(
        of paths: PublicPaths, limits: PublisherLimits = PublisherLimits()
    ) throws(ReplicationError) -> SessionPublisher<Document> {
        try SessionPublisher(self, paths: paths, limits: limits)
    }
}
