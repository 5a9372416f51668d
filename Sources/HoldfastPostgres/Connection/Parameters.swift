/// The parameters of one statement in PostgreSQL's binary format, all in one buffer.
///
/// Array format: `src/backend/utils/adt/arrayfuncs.c`, `array_recv`: dimensions, a flag for nulls, the type of the
/// elements, then length and lower bound of the dimension, then each element behind its length (-1 = null).
struct Parameters: Sendable {
    private enum ElementType {
        static let blob: Int32 = 17, integer: Int32 = 20, text: Int32 = 25, double: Int32 = 701
    }

    private(set) var bytes: [UInt8] = []
    /// Where each parameter lies; nil is NULL.
    private(set) var slots: [Range<Int>?] = []

    mutating func add(_ integer: Int64?) {
        guard let integer else { return slots.append(nil) }
        add { $0.appendInteger(integer) }
    }

    mutating func add(_ text: String) {
        add { $0.bytes.append(contentsOf: text.utf8) }
    }

    mutating func add(text: String?) {
        guard let text else { return slots.append(nil) }
        add(text)
    }

    mutating func add(_ blob: [UInt8]?) {
        guard let blob else { return slots.append(nil) }
        add { $0.bytes.append(contentsOf: blob) }
    }

    mutating func add(integers: [Int64?]) {
        add { parameters in
            parameters.appendHeader(integers.count, hasNulls: integers.contains(nil), ElementType.integer)
            for integer in integers {
                guard let integer else {
                    parameters.appendInteger(Int32(-1))
                    continue
                }
                parameters.appendInteger(Int32(8))
                parameters.appendInteger(integer)
            }
        }
    }

    mutating func add(doubles: [Double]) {
        add { parameters in
            parameters.appendHeader(doubles.count, hasNulls: false, ElementType.double)
            for double in doubles {
                parameters.appendInteger(Int32(8))
                parameters.appendInteger(double.bitPattern)
            }
        }
    }

    mutating func add(texts: [String?]) {
        add { parameters in
            parameters.appendHeader(texts.count, hasNulls: texts.contains(nil), ElementType.text)
            for text in texts { parameters.appendElement(text?.utf8) }
        }
    }

    mutating func add(blobs: [[UInt8]?]) {
        add { parameters in
            parameters.bytes.reserveCapacity(
                parameters.bytes.count + blobs.reduce(20) { $0 + 4 + ($1?.count ?? 0) })
            parameters.appendHeader(blobs.count, hasNulls: blobs.contains { $0 == nil }, ElementType.blob)
            for blob in blobs { parameters.appendElement(blob) }
        }
    }

    private mutating func add(_ write: (inout Parameters) -> Void) {
        let start = bytes.count
        write(&self)
        slots.append(start..<bytes.count)
    }

    private mutating func appendHeader(_ count: Int, hasNulls: Bool, _ type: Int32) {
        appendInteger(Int32(count == 0 ? 0 : 1))
        appendInteger(Int32(hasNulls ? 1 : 0))
        appendInteger(type)
        guard count > 0 else { return }
        appendInteger(Int32(count))
        appendInteger(Int32(1))
    }

    private mutating func appendElement(_ element: (some Collection<UInt8>)?) {
        guard let element else { return appendInteger(Int32(-1)) }
        appendInteger(Int32(element.count))
        bytes.append(contentsOf: element)
    }

    private mutating func appendInteger(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
