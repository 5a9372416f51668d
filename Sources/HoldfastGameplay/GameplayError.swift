/// Why an inventory, a wallet or another gameplay value could not be changed; it is as it was before.
public struct GameplayError: Error, Sendable, Hashable {
    /// What a caller decides on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case badInput, slotOutOfRange, negativeAmount, overflow, overStackLimit, itemMismatch, metadataMismatch
            case emptySlot, occupiedSlot, full, insufficient, overCap, tooOld
        }
        private let base: Base

        /// A name, a time, a size or another value is outside its documented limits.
        public static let badInput = Code(base: .badInput)
        /// There is no slot of that number.
        public static let slotOutOfRange = Code(base: .slotOutOfRange)
        /// An amount is below zero.
        public static let negativeAmount = Code(base: .negativeAmount)
        /// A sum or a product would leave Int64.
        public static let overflow = Code(base: .overflow)
        /// A stack would hold more than its limit.
        public static let overStackLimit = Code(base: .overStackLimit)
        /// The slot holds items with another id.
        public static let itemMismatch = Code(base: .itemMismatch)
        /// The slot holds items with the same id and other metadata.
        public static let metadataMismatch = Code(base: .metadataMismatch)
        /// The slot that items are to come from, or to be merged into, is empty.
        public static let emptySlot = Code(base: .emptySlot)
        /// The slot is to be empty and is not.
        public static let occupiedSlot = Code(base: .occupiedSlot)
        /// There is no room for all of it.
        public static let full = Code(base: .full)
        /// Less is there than is wanted: items, or money above the currency's floor.
        public static let insufficient = Code(base: .insufficient)
        /// A balance would pass the currency's cap.
        public static let overCap = Code(base: .overCap)
        /// A purchase is older than what the receipts still know, so nobody can tell whether it was processed.
        public static let tooOld = Code(base: .tooOld)

        /// The code's word, as it appears in logs.
        public var description: String { base.rawValue }
    }

    /// What kind of failure it is: the only part to branch on.
    public let code: Code
    /// One sentence for a developer.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension GameplayError: CustomStringConvertible {
    /// `code: message`.
    public var description: String { "\(code): \(message)" }
}
