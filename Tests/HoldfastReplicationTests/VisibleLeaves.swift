import HoldfastReplication
import HoldfastStorage

/// What of a document a whitelist lets through, found leaf by leaf rather than with the whitelist's own tree.
struct VisibleLeaves {
    /// The leaves by their places.
    private(set) var all: [DocumentPath: JSONValue] = [:]
    /// Those that a path of the whitelist leads to, or leads above.
    private(set) var visible: [DocumentPath: JSONValue] = [:]
    private let whitelist: [DocumentPath]

    init(of document: JSONValue, whitelist: [DocumentPath]) {
        self.whitelist = whitelist
        collect(document, [], Array(repeating: true, count: whitelist.count))
    }

    /// `matches` says of each path of the whitelist whether it has led here so far.
    private mutating func collect(_ value: JSONValue, _ path: [String], _ matches: [Bool]) {
        func deeper(_ name: String, isPosition: Bool) -> [Bool] {
            zip(whitelist, matches).map { pattern, matched in
                guard matched, path.count < pattern.components.count else { return matched }
                let component = pattern.components[path.count]
                return component == "*" || !isPosition && Array(component.utf8) == Array(name.utf8)
            }
        }
        switch value {
        case .object(let object) where !object.isEmpty:
            for member in object.members {
                collect(member.value, path + [member.key], deeper(member.key, isPosition: false))
            }
        case .array(let elements) where !elements.isEmpty:
            for (index, element) in elements.enumerated() {
                collect(element, path + [String(index)], deeper(String(index), isPosition: true))
            }
        default:
            let place = DocumentPath(components: path)
            all[place] = value
            if zip(whitelist, matches).contains(where: { $1 && $0.components.count <= path.count }) {
                visible[place] = value
            }
        }
    }
}

/// The texts `v1v` and `k2k` that stand somewhere in bytes.
func markers(in bytes: [UInt8]) -> Set<String> {
    let words = bytes.split { !($0 >= 0x30 && $0 <= 0x39) && $0 != UInt8(ascii: "v") && $0 != UInt8(ascii: "k") }
    return Set(
        words.map { String(decoding: $0, as: UTF8.self) }.filter { $0.utf8.count > 2 && ["v", "k"].contains($0.first) })
}
