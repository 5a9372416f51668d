import HoldfastPrivateServers

/// psql and pgbench against one database.
struct PostgresPrograms: Sendable {
    /// A connection URI, as both programs take it.
    let connection: String
    /// Given to them in the environment.
    let password: String?
    /// Where they are, ending in a slash; empty to look them up in PATH.
    let folder: String

    /// Runs a file of statements, up to the first error.
    func psql(file: String) throws {
        try run("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, "-d", connection])
    }

    /// Runs statements in one transaction.
    func psql(_ statements: String) throws {
        try run("psql", ["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-c", statements, "-d", connection])
    }

    /// Runs pgbench and returns what it printed.
    func pgbench(_ arguments: [String]) throws -> String {
        try run("pgbench", arguments + [connection])
    }

    /// Removes what a store has written under a deployment's name; a failure is told and leaves it there.
    func removeDeployment(_ name: String) {
        let number = "(SELECT number FROM holdfast.deployment WHERE name = '\(name)')"
        do {
            try psql(
                "DELETE FROM holdfast.operation WHERE deployment = \(number); "
                    + "DELETE FROM holdfast.record WHERE deployment = \(number); "
                    + "DELETE FROM holdfast.deployment WHERE name = '\(name)'")
        } catch {
            Output.complain("holdfast: deployment \(name) could not be removed: \(error)")
        }
    }

    @discardableResult
    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let environment = password.map { ["PGPASSWORD": $0] } ?? [:]
        return try ChildProcess.output(
            of: "\(folder)\(program)", arguments, environment: environment, patience: .seconds(120))
    }
}
