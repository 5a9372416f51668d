import Testing

/// Takes each of `cases` through `body`, some at a time: most of a short process is its start, and much of that waits.
func severalAtATime<Case: Sendable>(
    _ cases: [Case], _ body: @escaping @Sendable (Case) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, each) in cases.enumerated() {
            if index >= 3 { try await group.next() }
            group.addTask { try await body(each) }
        }
        try await group.waitForAll()
    }
}

extension Tool {
    /// Migrates the store, and expects command lines of `verb` to end with the status and code behind them and one
    /// line.
    ///
    /// All of them have one store, in which they leave nothing.
    func expectRefusals(of verb: String, _ cases: [([String], Int32, String)]) async throws {
        #expect(try await run("migrate").status == 0)
        try await severalAtATime(cases) { arguments, status, code in
            let outcome = try await self.run([verb] + arguments + ["--json"])
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(try outcome.errorCode() == code, "\(arguments): \(outcome.output)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(arguments): \(outcome.errors)")
        }
    }
}
