/// A collection's hooks, each list in the order of its registration.
struct SessionHooks<Document: Sendable>: Sendable {
    typealias Hook<Subject> = @Sendable (Session<Document>, Subject) async throws -> Void

    var joining: [@Sendable (Session<Document>) async throws -> Void] = []
    var leaving: [Hook<SessionEnd>] = []
    var beforeSave: [@Sendable (inout Document) throws -> Void] = []
    var afterSave: [Hook<SaveReceipt>] = []
    var ended: [Hook<SessionEnd>] = []
}

extension CollectionOptions {
    /// Runs `hook` when a profile was loaded, before any `open` returns it.
    ///
    /// It may edit the session and await. The open goes on when it returns, throws, or has taken longer than
    /// ``hookTimeout`` or than the open may take; what it edited before stands. A hook cannot refuse a player: close
    /// the session after the open for that. A session that other openers share is not loaded again.
    public mutating func onJoining(_ hook: @escaping @Sendable (Session<Document>) async throws -> Void) {
        hooks.joining.append(hook)
    }

    /// Runs `hook` before a session's last save, with the reason of the end to come.
    ///
    /// The session still takes edits then, and they are part of the last save. It waits for the hook at most
    /// ``hookTimeout`` and at most half of the time that the end has left, whether the hook returns, throws or hangs;
    /// so does the server that asked for a hand-over. A session that is lost, deleted or a fallback has no last save
    /// and no such hook; see ``onEnded(_:)``.
    public mutating func onLeaving(_ hook: @escaping @Sendable (Session<Document>, SessionEnd) async throws -> Void) {
        hooks.leaving.append(hook)
    }

    /// Runs `hook` right before every save, to push the game's state into the document.
    ///
    /// With such a hook a session is saved on schedule although nothing edited it; what is unchanged then is not
    /// written. The hook works on a copy of the document and is called again where an edit came in between, so it only
    /// reads the game's state; it must not touch the session. A throw drops what it changed, and the save goes on; so
    /// it does after ``hookTimeout``. It runs on a thread that may block, and is not called by transactions.
    public mutating func beforeSave(_ hook: @escaping @Sendable (inout Document) throws -> Void) {
        hooks.beforeSave.append(hook)
    }

    /// Runs `hook` after the store has acknowledged a save of a profile: what the receipt names is durable.
    ///
    /// One at a time and in order for each session. Saves do not wait for it; where it falls behind it gets the newest
    /// receipt only. A shutdown waits for it inside its deadline.
    public mutating func afterSave(_ hook: @escaping @Sendable (Session<Document>, SaveReceipt) async throws -> Void) {
        hooks.afterSave.append(hook)
    }

    /// Runs `hook` when a session is over, saved or lost, to clean up what the game keeps for it.
    ///
    /// After every ``afterSave(_:)`` of the session. The record may be open elsewhere by then.
    public mutating func onEnded(_ hook: @escaping @Sendable (Session<Document>, SessionEnd) async throws -> Void) {
        hooks.ended.append(hook)
    }
}
