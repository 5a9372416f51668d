import HoldfastPostgres

/// Where the durable store is: the value of `--store`.
enum StoreAddress: Equatable, Sendable {
    case sqlite(path: String)
    case postgres(url: String)
    /// Lives and dies with the process; only for verbs that need no other.
    case memory

    /// Reads one of the forms that `--store` takes.
    init(_ text: String) throws(AddressError) {
        if text == "memory:" {
            self = .memory
        } else if text.hasPrefix("sqlite:") {
            let path = String(text.dropFirst("sqlite:".count))
            guard !path.isEmpty, !path.utf8.contains(0) else { throw AddressError("sqlite: is followed by a path") }
            guard !path.hasPrefix("//") else {
                throw AddressError("sqlite: is followed by a path, without //")
            }
            self = .sqlite(path: path)
        } else if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            try Self.checkPostgres(text)
            self = .postgres(url: text)
        } else {
            throw AddressError("expected sqlite:PATH, postgres://user@host:port/db or memory:")
        }
    }

    private static func checkPostgres(_ text: String) throws(AddressError) {
        guard let start = text.range(of: "://")?.upperBound else { throw AddressError("the address has no ://") }
        let rest = text[start...]
        let (address, query) = rest.firstIndex(of: "?").map { (rest[..<$0], rest[$0...].dropFirst()) } ?? (rest, "")
        let parts = address.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        _ = try Authority(parts[0], passwordVariable: "HOLDFAST_STORE_PASSWORD")
        guard parts.count == 2, !parts[1].isEmpty else {
            throw AddressError("the database is missing, as in postgres://user@host:port/db")
        }
        for parameter in query.split(separator: "&") where parameter.hasPrefix("password=") {
            throw AddressError("an address carries no password; set HOLDFAST_STORE_PASSWORD instead")
        }
        do {
            // What the store itself would refuse is a wrong setting, too.
            _ = try PostgresConfiguration(url: text)
        } catch {
            throw AddressError(error.message)
        }
    }
}

extension StoreAddress: CustomStringConvertible {
    var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let url): url
        case .memory: "memory:"
        }
    }
}
