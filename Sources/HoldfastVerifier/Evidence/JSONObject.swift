/// One JSON object, with typed access to its members.
struct JSONObject {
    private let fields: [String: JSONScanner.Field]

    init(_ bytes: [UInt8]) throws(JSONFailure) {
        fields = try JSONScanner.fields(of: bytes)
    }

    private init(_ fields: [String: JSONScanner.Field]) {
        self.fields = fields
    }

    func object(_ name: String) throws(JSONFailure) -> JSONObject {
        guard case .object(let fields) = fields[name] else { throw JSONFailure("no object \(name)") }
        return JSONObject(fields)
    }

    /// An array of objects.
    func objects(_ name: String) throws(JSONFailure) -> [JSONObject] {
        guard case .array(let elements) = fields[name] else { throw JSONFailure("no array \(name)") }
        var objects: [JSONObject] = []
        for element in elements {
            guard case .object(let fields) = element else { throw JSONFailure("\(name) holds other than objects") }
            objects.append(JSONObject(fields))
        }
        return objects
    }

    func integer(_ name: String) throws(JSONFailure) -> Int64 {
        guard case .integer(let value) = fields[name] else { throw JSONFailure("no integer \(name)") }
        return value
    }

    /// A number that may be absent.
    func optionalInteger(_ name: String) throws(JSONFailure) -> Int64? {
        fields[name] == nil ? nil : try integer(name)
    }

    func string(_ name: String) throws(JSONFailure) -> String {
        guard case .string(let value) = fields[name] else { throw JSONFailure("no string \(name)") }
        return value
    }

    func randomID(_ name: String) throws(JSONFailure) -> RandomID {
        guard let value = RandomID(hex: try string(name)) else { throw JSONFailure("\(name) is not 32 hex digits") }
        return value
    }

    /// A flag that may be absent, which means false.
    func flag(_ name: String) throws(JSONFailure) -> Bool {
        switch fields[name] {
        case nil: return false
        case .boolean(let value): return value
        default: throw JSONFailure("\(name) is not a boolean")
        }
    }
}
