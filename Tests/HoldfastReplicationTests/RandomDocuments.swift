import HoldfastReplication
import HoldfastStorage
import ModelTesting

/// Draws documents, edits and whitelists; every text value and most names are unique, so that each can be looked for.
struct RandomDocuments {
    private var generator: SeededGenerator
    private var drawn = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Names that meet often, and those that are easily confused or have to be escaped.
    private static let names = [
        "a", "b", "c", "wallet", "a/b", "m~n", "", "0", "-", "*", "\u{E9}", "e\u{301}", "q\"\n",
    ]

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    private mutating func name() -> String {
        if number(0...3) == 0 {
            drawn += 1
            return "k\(drawn)k"
        }
        return Self.names.randomElement(using: &generator) ?? ""
    }

    mutating func document() -> JSONValue {
        number(0...20) == 0 ? value(depth: 0) : object(depth: 4)
    }

    private mutating func object(depth: Int) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<number(0...4) { object[name()] = value(depth: depth - 1) }
        return .object(object)
    }

    mutating func value(depth: Int) -> JSONValue {
        switch number(0...(depth > 0 ? 9 : 4)) {
        case 0: .null
        case 1: .integer(Int64(number(0...3)))
        case 2: .double(0.5)
        case 3, 4:
            {
                drawn += 1
                return .string("v\(drawn)v")
            }()
        case 5, 6: .array((0..<number(0...4)).map { _ in value(depth: depth - 1) })
        default: object(depth: depth)
        }
    }

    /// A change that fits the document.
    mutating func change(of document: JSONValue) -> JSONPatch.Operation {
        var path: [String] = []
        var place = document
        while true {
            let isLast = number(0...2) == 0
            switch place {
            case .object(let object):
                if let member = object.members.randomElement(using: &generator), !isLast {
                    path.append(member.key)
                    place = member.value
                    continue
                }
                let key = object.members.randomElement(using: &generator)?.key
                guard let key, number(0...2) > 0 else { return .add(at(path + [name()]), value(depth: 3)) }
                return number(0...1) == 0 ? .remove(at(path + [key])) : .replace(at(path + [key]), value(depth: 3))
            case .array(let elements):
                let index = number(0...elements.count)
                guard index < elements.count, number(0...2) > 0 else {
                    let end = index == elements.count && number(0...1) == 0
                    return .add(at(path + [end ? "-" : String(index)]), value(depth: 3))
                }
                if !isLast {
                    path.append(String(index))
                    place = elements[index]
                    continue
                }
                return number(0...1) == 0
                    ? .remove(at(path + [String(index)])) : .replace(at(path + [String(index)]), value(depth: 3))
            default: return .replace(at(path), path.isEmpty ? object(depth: 4) : value(depth: 3))
            }
        }
    }

    private func at(_ path: [String]) -> DocumentPath { DocumentPath(components: path) }

    mutating func whitelist() -> [DocumentPath] {
        (0..<number(1...4)).map { _ in
            DocumentPath(components: (0..<number(1...3)).map { _ in number(0...2) == 0 ? "*" : name() })
        }
    }

    mutating func shuffle<Element>(_ elements: inout [Element]) { elements.shuffle(using: &generator) }
}
