import Foundation
import GRDB
import TestServers

/// A migrated store of the test's own for the executable, and a way to its rows behind the executable's back.
enum ToolStore: Sendable {
    /// Which one a test wants.
    enum Kind: CaseIterable, Sendable { case sqlite, postgres }

    case sqlite(path: String)
    case postgres(PrivatePostgres, database: String)

    /// Makes a store, and the executable that uses it; `environment` as of ``Tool``.
    static func start(
        _ kind: Kind, environment: [String: String] = [:]
    ) async throws -> (tool: Tool, store: ToolStore) {
        let folder = try TemporaryFolder()
        let store: ToolStore
        switch kind {
        case .sqlite: store = .sqlite(path: folder.file("store.sqlite"))
        case .postgres:
            let server = try await SharedPostgres.server()
            let database = "tool\(UInt64.random(in: 0...UInt64.max))"
            try server.query("CREATE DATABASE \(database)")
            store = .postgres(server, database: database)
        }
        let tool = try Tool(
            environment: environment.merging(["HOLDFAST_STORE": store.address]) { $1 }, folder: folder)
        let migrated = try await tool.run("migrate")
        guard migrated.status == 0 else { throw TestServerError("migrate: \(migrated.errors)") }
        return (tool, store)
    }

    /// For HOLDFAST_STORE and `--store`.
    var address: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let server, let database): server.url(database: database)
        }
    }

    /// The first column of each row as text.
    func rows(_ query: String) async throws -> [String] {
        switch self {
        case .sqlite(let path):
            return try await DatabaseQueue(path: path).read { try String.fetchAll($0, sql: query) }
        case .postgres(let server, let database):
            let text = try server.query("SET search_path TO holdfast; \(query)", database: database)
            return text.split(separator: "\n").map(String.init)
        }
    }

    /// Runs statements that return nothing.
    func execute(_ statements: String) async throws {
        switch self {
        case .sqlite(let path): try await DatabaseQueue(path: path).write { try $0.execute(sql: statements) }
        case .postgres(let server, let database):
            try server.query("SET search_path TO holdfast; \(statements)", database: database)
        }
    }

    /// A column of bytes, as its hexadecimal digits.
    func hex(_ column: String) -> String {
        switch self {
        case .sqlite: "lower(hex(\(column)))"
        case .postgres: "encode(\(column), 'hex')"
        }
    }

    /// The files in which a text is, or the tables in whose rows it is.
    func places(of text: String) async throws -> [String] {
        switch self {
        case .sqlite(let path):
            let file = URL(fileURLWithPath: path)
            let files = try FileManager.default.contentsOfDirectory(
                at: file.deletingLastPathComponent(), includingPropertiesForKeys: nil)
            return try files.filter { $0.lastPathComponent.hasPrefix(file.lastPathComponent) }
                .filter { try Data(contentsOf: $0).range(of: Data(text.utf8)) != nil }
                .map(\.lastPathComponent)
        case .postgres:
            let digits = text.utf8.map { String($0, radix: 16) }.joined()
            var found: [String] = []
            for table in try await rows("SELECT tablename FROM pg_tables WHERE schemaname = 'holdfast'") {
                let all = try await rows("SELECT t FROM \(table) t").joined(separator: "\n")
                // Columns of bytes are shown as digits.
                if all.contains(text) || all.contains(digits) { found.append(table) }
            }
            return found
        }
    }

    /// Turns over the last bit of one row's payload, as a bad disk would.
    ///
    /// - Returns: The payload's digits from then on.
    func damage(_ table: String, where condition: String) async throws -> String {
        let found = try await rows("SELECT \(hex("payload")) FROM \(table) WHERE \(condition) LIMIT 1")
        guard var digits = found.first, let last = digits.popLast()?.hexDigitValue else {
            throw TestServerError("\(table) has no row where \(condition)")
        }
        digits += String(last ^ 1, radix: 16)
        let (row, payload) =
            switch self {
            case .sqlite: ("rowid", "x'\(digits)'")
            case .postgres: ("ctid", "decode('\(digits)', 'hex')")
            }
        try await execute(
            """
            UPDATE \(table) SET payload = \(payload)
            WHERE \(row) = (SELECT \(row) FROM \(table) WHERE \(condition) LIMIT 1)
            """)
        return digits
    }
}
