import HoldfastStorage

/// What `update` does to a value.
enum ValueChange: Sendable, Equatable {
    /// Adds to a number; where nothing is, to 0.
    case add(JSONValue)
    /// Merges as RFC 7396 has it: members replace members, null removes one; where nothing is, into an empty object.
    case merge(JSONValue)
    /// Replaces exactly this value.
    case replace(from: JSONValue, to: JSONValue)

    /// The value afterwards.
    ///
    /// - Throws: ``CommandError``: `badInput` where the value is no number to add to, or the sum does not fit;
    ///   `notFound` and `fenced` where the value to replace is missing or another.
    func applied(to value: JSONValue?) throws(CommandError) -> JSONValue {
        switch self {
        case .add(let amount): return try Self.sum(value ?? 0, amount)
        case .merge(let patch): return Self.merged(value ?? .object(JSONObject()), patch)
        case .replace(let from, let to):
            guard let value else { throw CommandError(.notFound, "there is no such item") }
            guard value == from else {
                throw CommandError(.fenced, "the stored value is not the expected one; read it again")
            }
            return to
        }
    }

    private static func sum(_ value: JSONValue, _ amount: JSONValue) throws(CommandError) -> JSONValue {
        if let left = value.int64, let right = amount.int64 {
            let (sum, overflow) = left.addingReportingOverflow(right)
            guard !overflow else { throw CommandError(.badInput, "the sum does not fit into 64 bits") }
            return .integer(sum)
        }
        guard let left = number(value), let right = number(amount) else {
            throw CommandError(.badInput, "the stored value is \(value.kind); --add takes and adds to a number")
        }
        guard (left + right).isFinite else { throw CommandError(.badInput, "the sum is not finite") }
        return JSONValue(left + right)
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .unsigned(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    private static func merged(_ value: JSONValue, _ patch: JSONValue) -> JSONValue {
        guard let changes = patch.object else { return patch }
        var object = value.object ?? JSONObject()
        for member in changes.members {
            if case .null = member.value {
                object[member.key] = nil
            } else {
                object[member.key] = merged(object[member.key] ?? .null, member.value)
            }
        }
        return .object(object)
    }
}
