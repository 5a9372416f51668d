/// Lets a typed document hold a part whose shape only the game's data knows.
///
/// With ``DocumentEncoder`` and ``DocumentDecoder`` the value passes through as it is; with other coders
/// it takes the form that they give to numbers, strings, arrays and objects.
extension JSONValue: Codable {
    /// Reads any value; numbers become the first of Int64, UInt64 and Double that fits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = JSONValue(value)
        } else if let value = try? container.decode(Double.self) {
            self = JSONValue(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            let members = try decoder.container(keyedBy: DocumentKey.self)
            self = .object(
                JSONObject(
                    lastWins: try members.allKeys.map {
                        .init(key: $0.stringValue, value: try members.decode(JSONValue.self, forKey: $0))
                    }
                )
            )
        }
    }

    /// Writes the value in the coder's own forms; objects in the order of their keys' bytes.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let object):
            var container = encoder.container(keyedBy: DocumentKey.self)
            for member in object.members {
                try container.encode(member.value, forKey: DocumentKey(stringValue: member.key))
            }
        case .array(let elements): try elements.encode(to: encoder)
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value): try value.encode(to: encoder)
        case .integer(let value): try value.encode(to: encoder)
        case .unsigned(let value): try value.encode(to: encoder)
        case .double(let value): try value.encode(to: encoder)
        case .string(let value): try value.encode(to: encoder)
        }
    }
}
