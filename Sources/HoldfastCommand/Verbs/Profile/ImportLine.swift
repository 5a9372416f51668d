import HoldfastProfiles
import HoldfastStorage

/// One line of an import: a profile to write.
struct ImportLine: Sendable {
    let key: Key
    let document: JSONValue
    /// The document in canonical form.
    let canonical: [UInt8]
    /// Nil leaves what is stored.
    let userIDs: [String]?
    /// Nil leaves what is stored; `.null` removes it.
    let metadata: JSONValue?

    /// Reads `{"key","data"[,"userIds","metadata"]}`.
    ///
    /// - Throws: ``CommandError`` with code `badInput`, on the key where that is known.
    init(_ bytes: [UInt8]) throws(CommandError) {
        let object = try Self.object(bytes)
        guard let text = object["key"]?.string else { throw CommandError(.badInput, "the line has no text \"key\"") }
        do {
            key = try Key(text)
        } catch {
            throw CommandError(.badInput, error.message)
        }
        for name in object.keys where !["key", "data", "userIds", "metadata"].contains(name) {
            throw CommandError(.badInput, "unknown field \(name.debugDescription)", key: text)
        }
        guard let data = object["data"], data.object != nil else {
            throw CommandError(.badInput, "\"data\" must be a JSON object", key: text)
        }
        document = data
        do {
            canonical = try CanonicalJSON.write(data)
        } catch {
            throw CommandError(.badInput, error.description, key: text)
        }
        userIDs = try Self.userIDs(object["userIds"], key: text)
        metadata = object["metadata"]
        switch metadata {
        case nil, .null, .object: break
        default: throw CommandError(.badInput, "\"metadata\" must be a JSON object or null", key: text)
        }
    }

    private static func object(_ bytes: [UInt8]) throws(CommandError) -> JSONObject {
        do {
            // The document inside is held to its own limits when it is written.
            let limits = CanonicalJSON.Limits(maximumBytes: LineReader.maximumBytes, maximumDepth: 65)
            guard let object = try CanonicalJSON.parse(bytes, limits: limits).object else {
                throw CommandError(.badInput, "the line is not a JSON object")
            }
            return object
        } catch let error as CommandError {
            throw error
        } catch let error as JSONError {
            throw CommandError(.badInput, error.description)
        } catch {
            throw CommandError(error)
        }
    }

    private static func userIDs(_ value: JSONValue?, key: String) throws(CommandError) -> [String]? {
        guard let value else { return nil }
        let texts = value.array?.map(\.string)
        guard let texts, !texts.contains(nil) else {
            throw CommandError(.badInput, "\"userIds\" must be an array of texts", key: key)
        }
        return texts.compactMap { $0 }
    }

    /// Whether the store has exactly this already.
    func matches(_ stored: Snapshot<JSONValue>) throws -> Bool {
        guard try CanonicalJSON.write(stored.document) == canonical else { return false }
        if let userIDs, userIDs.map({ Array($0.utf8) }) != stored.userIDs.map({ Array($0.utf8) }) { return false }
        switch metadata {
        case nil: return true
        case .null: return stored.metadata == nil
        case let value?: return try CanonicalJSON.write(value) == stored.metadata
        }
    }
}
