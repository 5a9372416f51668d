/// Reads JSON exactly and writes it in the one form in which Holdfast keeps it.
///
/// Canonical: UTF-8, no white space, keys ordered by their bytes, minimal escapes, and numbers as
/// follows. A number that cannot be kept is refused, never rounded.
/// - Digits alone, from `Int64.min` to `UInt64.max`, are exact integers. `-0` is `0`.
/// - A number with a fraction or exponent that is whole and within ±2^53 is that integer: `1.0` and
///   `1e0` are `1`.
/// - Any other number is the shortest decimal that reads back as the same `Double`. A decimal of more
///   digits than that (`0.1000000000000000055`) or out of range (`1e400`) is refused.
/// - Doubles are printed as ECMAScript prints them (`0.1`, `1e-7`, `1.5e+300`), except that whole ones
///   beyond 2^53 always carry an exponent, so that they never look like an exact integer.
public enum CanonicalJSON {
    /// Bounds of one document.
    public struct Limits: Sendable, Equatable {
        /// The most bytes, read or written: 4 MiB.
        public var maximumBytes: Int
        /// The most containers inside one another: 64.
        public var maximumDepth: Int

        /// Makes limits; the defaults are those of every stored document.
        public init(maximumBytes: Int = DurableStoreLimits.documentBytes, maximumDepth: Int = 64) {
            self.maximumBytes = maximumBytes
            self.maximumDepth = maximumDepth
        }
    }

    /// Reads one JSON text in any form.
    ///
    /// - Throws: ``JSONError`` with the offset and path of the first fault.
    public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try parse(buffer, limits: limits)
        }
    }

    /// Reads one JSON text in any form.
    ///
    /// - Throws: ``JSONError`` with the offset and path of the first fault.
    public static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, limits: Limits = Limits()
    ) throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.maximumBytes else { throw JSONError(.tooLarge, at: limits.maximumBytes) }
        var parser = JSONParser(bytes, maximumDepth: limits.maximumDepth)
        return try parser.parseDocument()
    }

    /// Writes a value in canonical form.
    ///
    /// - Throws: ``JSONError``: `badNumber` for NaN and infinity, `tooDeep`, `tooLarge`.
    public static func write(_ value: JSONValue, limits: Limits = Limits()) throws(JSONError) -> [UInt8] {
        var writer = JSONWriter(maximumDepth: limits.maximumDepth)
        try writer.write(value, depth: 0)
        guard writer.bytes.count <= limits.maximumBytes else { throw JSONError(.tooLarge) }
        return writer.bytes
    }
}
