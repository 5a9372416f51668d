/// An error reply of Redis.
public struct RedisServerError: Sendable, Equatable {
    /// The complete text, which may quote arguments of the command.
    public let text: String

    /// Wraps the text without its leading `-`.
    public init(text: String) {
        self.text = text
    }

    /// The first word, for example `WRONGTYPE`; it tells errors apart.
    public var prefix: String { String(text.prefix { $0 != " " }) }

    /// What follows the first word; may quote arguments of the command.
    public var message: String { String(text.drop { $0 != " " }.dropFirst()) }

    /// How a client has to take it.
    var code: RedisError.Code {
        switch prefix {
        case "LOADING", "BUSY", "CLUSTERDOWN", "OOM", "READONLY", "MISCONF", "NOREPLICAS", "MASTERDOWN", "TRYAGAIN",
            "UNBLOCKED":
            .unavailable
        case "NOAUTH", "WRONGPASS", "NOPERM", "DENIED": .denied
        // What NOPERM is called inside a script.
        case "ERR" where message.hasPrefix("The user executing the script can't"): .denied
        default: .server
        }
    }
}

extension RedisServerError: CustomStringConvertible {
    /// The text, cut at 200 characters and before any quoted arguments.
    public var description: String {
        let quote = ", with args beginning with"
        var end = text.endIndex
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == ",", text[index...].hasPrefix(quote) {
                end = index
                break
            }
            index = text.index(after: index)
        }
        return String(text[..<end].prefix(200))
    }
}
