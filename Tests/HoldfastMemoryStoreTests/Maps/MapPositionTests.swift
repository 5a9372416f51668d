import ModelTesting
import Testing

@testable import HoldfastMemoryStore

@Suite struct MapPositionTests {
    @Test("positions sort as sort keys do and are read back exactly")
    func order() throws {
        var generator = SeededGenerator(seed: 7)
        var sortKeys = (0..<300).map { _ in
            generator.happens(0.6)
                ? SortKey.number(number(using: &generator)) : SortKey.string(text(using: &generator))
        }
        sortKeys += [
            .number(0), .number(-0.0), .number(.greatestFiniteMagnitude), .number(-.greatestFiniteMagnitude),
            .number(.leastNonzeroMagnitude), .string(""), .string("\0"), .string("\0\0"), .string("\u{1}"),
        ]
        let positions = try sortKeys.map { try MapPosition.encode($0) }
        for (left, leftPosition) in zip(sortKeys, positions) {
            #expect(try MapPosition.decode(leftPosition) == left)
            #expect(leftPosition.lexicographicallyPrecedes(MapPosition.none))
            for (right, rightPosition) in zip(sortKeys, positions) {
                #expect((left < right) == leftPosition.lexicographicallyPrecedes(rightPosition), "\(left) \(right)")
                #expect((left == right) == (leftPosition == rightPosition), "\(left) \(right)")
                // Also where the shorter one is a prefix of the longer: keys follow.
                let places = (leftPosition + Array("z".utf8), rightPosition + Array("a".utf8))
                if left < right { #expect(places.0.lexicographicallyPrecedes(places.1), "\(left) \(right)") }
            }
        }
        #expect(try MapPosition.decode(MapPosition.none) == nil)
    }

    @Test("numbers that are not finite have no position", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(number: Double) async {
        #expect(await code { _ = try MapPosition.encode(.number(number)) } == .badInput)
    }

    @Test("foreign bytes are no position", arguments: [[], [1, 2], [2, 65], [3, 3], [4]] as [[UInt8]])
    func foreign(bytes: [UInt8]) async {
        #expect(await code { _ = try MapPosition.decode(bytes) } == .corrupt)
    }

    private func number(using generator: inout SeededGenerator) -> Double {
        while true {
            let number =
                generator.happens(0.3)
                ? Double(generator.number(in: -3...3)) : Double(bitPattern: generator.next())
            if number.isFinite { return number }
        }
    }

    private func text(using generator: inout SeededGenerator) -> String {
        let scalars: [Unicode.Scalar] = ["\0", "\u{1}", "a", "b", "é", "🙂", "\u{10FFFF}"]
        return String(
            String.UnicodeScalarView((0..<generator.number(in: 0...4)).map { _ in generator.one(of: scalars) }))
    }
}
