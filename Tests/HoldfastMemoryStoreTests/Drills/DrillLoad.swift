import TestServers

/// One structure at work during a drill: what it does again and again, and what has to be true in the end.
protocol DrillLoad: Sendable {
    /// Which structure, and where.
    var name: String { get }

    /// Does one thing and sees it through.
    ///
    /// - Returns: Whether it was seen at the other end soon, too.
    /// - Throws: What a caller of the structure would see.
    func step(task: Int, number: Int) async throws -> Bool

    /// Runs beside the steps, as readers do; ends when its task is cancelled.
    func attend() async throws

    /// Compares what is there with what was acknowledged.
    ///
    /// - Parameter mayLose: Whether a server died that had acknowledged what no replica had yet.
    func verify(mayLose: Bool) async throws
}

extension DrillLoad {
    func attend() async throws {}

    /// Waits a moment for what is acknowledged to arrive; what Redis has lost never does.
    func arrives(_ condition: () -> Bool) async -> Bool {
        (try? await eventually("it arrives", within: .seconds(3), condition)) != nil
    }
}
