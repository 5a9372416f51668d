import HoldfastGameplay
import HoldfastStorage
import Testing

/// Expects a typed refusal.
func expectRefusal(
    _ code: GameplayError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown, \(code) was expected", sourceLocation: sourceLocation)
    } catch {
        #expect((error as? GameplayError)?.code == code, "\(error)", sourceLocation: sourceLocation)
    }
}

/// Reads a value from JSON text as a stored document is read.
func decoded<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try DocumentDecoder().decode(type, from: try CanonicalJSON.parse(Array(json.utf8))).value
}

/// Writes a value as canonical JSON.
func encoded(_ value: some Encodable) throws -> String {
    String(decoding: try CanonicalJSON.write(try DocumentEncoder().encode(value)), as: UTF8.self)
}
