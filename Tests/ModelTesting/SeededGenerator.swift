/// A small reproducible generator (SplitMix64): the same seed draws the same numbers.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Begins the sequence that belongs to `seed`.
    public init(seed: UInt64) {
        state = seed
    }

    /// Draws the next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Draws a number of `range`.
    public mutating func number(in range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    /// Draws one of `choices`, which must not be empty.
    public mutating func one<Choice>(of choices: [Choice]) -> Choice {
        choices[Int.random(in: choices.indices, using: &self)]
    }

    /// True with probability `chance` (0 to 1).
    public mutating func happens(_ chance: Double) -> Bool {
        Double.random(in: 0..<1, using: &self) < chance
    }
}
