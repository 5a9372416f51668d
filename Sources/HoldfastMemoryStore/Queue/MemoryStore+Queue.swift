extension MemoryStore {
    /// Names a queue that all servers of the deployment share; sends nothing.
    ///
    /// - Parameters:
    ///   - name: 1 to 128 characters; at most 394 bytes of UTF-8 for durable items.
    ///   - type: What its items are; the same in every server.
    ///   - options: How this handle reads.
    /// - Throws: ``MemoryStoreError`` with code `badInput`.
    public func queue<Value: Codable & Sendable>(
        _ name: String, of type: Value.Type = Value.self, options: QueueOptions = QueueOptions()
    ) throws(MemoryStoreError) -> Queue<Value> {
        try queue(name, of: type, options: options, limits: QueueLimits())
    }

    /// The same with other bounds, for tests; the first handle of a name decides for the items that the store brings.
    func queue<Value: Codable & Sendable>(
        _ name: String, of type: Value.Type, options: QueueOptions = QueueOptions(), limits: QueueLimits
    ) throws(MemoryStoreError) -> Queue<Value> {
        try QueueLimits.check(name: name)
        try options.check()
        return Queue(name: name, options: options, limits: limits, shared: queueHub.queue(name, limits: limits))
    }
}
