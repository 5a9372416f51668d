/// Where an item stands in a map's order, as bytes that sort the same way: a class, then the sort key.
///
/// An item's place is its position followed by its key. Classes: 1 for numbers (the eight bytes of the double, made to
/// sort as unsigned), 2 for texts (0x00 is written 0x00 0x01, and 0x00 0x00 ends the text), 3 for none. No byte of
/// UTF-8 is 0xFF, so that byte after a position comes behind every key with it.
enum MapPosition {
    /// The position of items without a sort key.
    static let none: [UInt8] = [3]
    private static let signBit: UInt64 = 1 << 63

    /// - Throws: ``MemoryStoreError`` with code `badInput` for a number that is not finite or a text that is too long.
    static func encode(_ sortKey: SortKey?) throws(MemoryStoreError) -> [UInt8] {
        switch sortKey {
        case nil: return none
        case .number(let number):
            guard number.isFinite else {
                throw MemoryStoreError(.badInput, "a sort key is a finite number or a text")
            }
            let bits = (number == 0 ? 0 : number).bitPattern
            let ordered = bits & signBit == 0 ? bits | signBit : ~bits
            return [1] + withUnsafeBytes(of: ordered.bigEndian) { Array($0) }
        case .string(let text):
            try MapLimits.check(sortKey: text)
            var bytes: [UInt8] = [2]
            for byte in text.utf8 {
                bytes.append(byte)
                if byte == 0 { bytes.append(1) }
            }
            return bytes + [0, 0]
        }
    }

    /// Reads what ``encode(_:)`` wrote.
    ///
    /// - Throws: ``MemoryStoreError`` with code `corrupt` for anything else.
    static func decode(_ bytes: [UInt8]) throws(MemoryStoreError) -> SortKey? {
        switch bytes.first {
        case 1 where bytes.count == 9:
            let ordered = bytes.dropFirst().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return .number(Double(bitPattern: ordered & signBit == 0 ? ~ordered : ordered & ~signBit))
        case 2 where bytes.suffix(2) == [0, 0]:
            var text: [UInt8] = []
            var rest = bytes.dropFirst().dropLast(2)
            while let byte = rest.popFirst() {
                text.append(byte)
                if byte == 0 { _ = rest.popFirst() }
            }
            return .string(String(decoding: text, as: UTF8.self))
        case 3 where bytes.count == 1: return nil
        default: throw MemoryStoreError(.corrupt, "a stored item has a position in an unknown form")
        }
    }
}
