extension Session {
    /// The last changes of this session in order, at most ``CollectionOptions/auditLimit``; kept in memory only.
    public var audit: [ChangeRecord] {
        state.withLock { $0.changeLog.records.suffix(options.auditLimit) }
    }

    /// Streams the changes of the document from now on, until the session ends.
    ///
    /// In memory and not durable yet: a change that a crash undoes was streamed all the same.
    ///
    /// - Parameter buffering: How many changes wait for a slow reader; older ones are dropped then, which the numbers
    ///   of the records show.
    public func changes(buffering: Int = 256) -> AsyncStream<DocumentChange<Document>> {
        let (stream, watcher) = AsyncStream.makeStream(
            of: DocumentChange<Document>.self, bufferingPolicy: .bufferingNewest(max(1, buffering)))
        let id: UInt64? = state.withLock { state in
            state.machine.end == nil ? state.changeLog.watch(watcher) : nil
        }
        guard let id else {
            watcher.finish()
            return stream
        }
        watcher.onTermination = { [weak self] _ in self?.state.withLock { $0.changeLog.unwatch(id) } }
        return stream
    }

    /// Notes that the document was changed; the session's lock is held.
    func note(_ cause: ChangeLog<Document>.Cause, before: Document, in state: inout State) {
        state.changeLog.note(
            cause, before: before, after: state.document, limit: options.auditLimit, toJSON: codec.toJSON)
    }
}
