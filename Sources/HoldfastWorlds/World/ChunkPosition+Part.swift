package import HoldfastStorage

extension ChunkPosition {
    private static let prefix = "chunk/"

    /// The part of its world's record that holds the chunk: `chunk/x,z`.
    package var partName: PartName {
        guard let name = try? PartName("\(Self.prefix)\(self)") else {
            preconditionFailure("two numbers of 32 bits fit into a part's name")
        }
        return name
    }

    /// Reads a part's name; nil for one that names no chunk.
    package init?(_ name: PartName) {
        let text = name.description
        guard text.hasPrefix(Self.prefix) else { return nil }
        let numbers = text.dropFirst(Self.prefix.count).split(separator: ",", omittingEmptySubsequences: false)
        guard numbers.count == 2, let x = Int32(numbers[0]), let z = Int32(numbers[1]) else { return nil }
        self.init(x: x, z: z)
    }
}
