/// Why something of a world could not be read, kept or found.
///
/// What the session underneath meets is a `ProfileError`.
public struct WorldError: Error, Sendable, Equatable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badInput, wrongSize, badRuns, outOfRange, tooLarge, tooManyChanges, corrupt, newerFormat, notLoaded,
                missing, unavailable
        }
        private let base: Base

        /// A value of the caller, or a line of an import, has not the documented form.
        public static let badInput = Code(base: .badInput)
        /// A chunk is not made of 1 to 256 layers of 256 blocks, or a height map not of 256 heights.
        public static let wrongSize = Code(base: .wrongSize)
        /// Run lengths are not positive, or do not add up to whole layers.
        public static let badRuns = Code(base: .badRuns)
        /// A block id, a height, a position or a slot is outside its range.
        public static let outOfRange = Code(base: .outOfRange)
        /// A coded chunk is over 1 MiB, or a world over 65,536 chunks.
        public static let tooLarge = Code(base: .tooLarge)
        /// One save takes no more chunks, or no more bytes of them: save first.
        public static let tooManyChanges = Code(base: .tooManyChanges)
        /// Stored bytes do not match their checksum or are no chunk; they were left as they are.
        public static let corrupt = Code(base: .corrupt)
        /// A chunk was written in a format that this build does not know.
        public static let newerFormat = Code(base: .newerFormat)
        /// The world was read as a plain profile, without its chunks.
        public static let notLoaded = Code(base: .notLoaded)
        /// There is no such chest, or not so many items in its slot.
        public static let missing = Code(base: .missing)
        /// There was no memory for compression.
        public static let unavailable = Code(base: .unavailable)

        /// The code's word, as it appears in logs.
        public var description: String { base.rawValue }
    }

    /// What kind of failure it is: the only part to branch on.
    public let code: Code
    /// One sentence for an operator, without anything of a player.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension WorldError: CustomStringConvertible {
    /// `code: message`.
    public var description: String { "\(code): \(message)" }
}
