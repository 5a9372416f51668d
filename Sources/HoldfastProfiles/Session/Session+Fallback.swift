extension Session {
    /// Whether this session stands on the template because its load failed, so that nothing of it can be saved.
    public var isFallback: Bool { loadFailure != nil }

    /// The refusal of a call that needs the store, where this is a fallback.
    func fallbackRefusal(of call: String) -> ProfileError? {
        loadFailure.map { failure in
            ProfileError(
                .fallback, "\(call): the profile was not loaded, and this session can never be saved", record: id,
                underlying: failure)
        }
    }

    /// Ends without a trace outside this process; a close does only once no handle is left.
    func endFallback(_ end: SessionEnd) {
        guard end != .closed || state.withLock({ $0.handles <= 0 }) else { return }
        self.end(end)
        depart()
    }
}
