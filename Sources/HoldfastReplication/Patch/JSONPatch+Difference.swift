public import HoldfastStorage

extension JSONPatch {
    /// The changes that turn one document into another; empty where both are equal.
    ///
    /// Objects are compared member by member. Of arrays what both begin and end with is left alone, so that one
    /// inserted or removed element is one operation; what lies between is compared position by position. The cost is
    /// linear in both documents.
    public init(from old: JSONValue, to new: JSONValue) {
        self.init()
        var path: [String] = []
        compare(old, new, &path)
    }

    private mutating func compare(_ old: JSONValue, _ new: JSONValue, _ path: inout [String]) {
        switch (old, new) {
        case (.object(let old), .object(let new)): compare(old.members, new.members, &path)
        case (.array(let old), .array(let new)): compare(old, new, &path)
        default:
            if old != new { operations.append(.replace(DocumentPath(components: path), new)) }
        }
    }

    /// Both are in the order of their keys' bytes.
    private mutating func compare(
        _ old: [JSONObject.Member], _ new: [JSONObject.Member], _ path: inout [String]
    ) {
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if right == new.count || left < old.count && old[left].key.precedesByBytes(new[right].key) {
                operations.append(.remove(DocumentPath(components: path + [old[left].key])))
                left += 1
            } else if left == old.count || new[right].key.precedesByBytes(old[left].key) {
                operations.append(.add(DocumentPath(components: path + [new[right].key]), new[right].value))
                right += 1
            } else {
                path.append(new[right].key)
                compare(old[left].value, new[right].value, &path)
                path.removeLast()
                left += 1
                right += 1
            }
        }
    }

    private mutating func compare(_ old: [JSONValue], _ new: [JSONValue], _ path: inout [String]) {
        let shorter = min(old.count, new.count)
        let first = (0..<shorter).first { old[$0] != new[$0] } ?? shorter
        guard first < max(old.count, new.count) else { return }
        let last = (0..<(shorter - first)).first { old[old.count - 1 - $0] != new[new.count - 1 - $0] }
        let after = last ?? shorter - first
        let common = first..<(shorter - after)
        for index in common {
            path.append(String(index))
            compare(old[index], new[index], &path)
            path.removeLast()
        }
        for index in (common.upperBound..<max(common.upperBound, old.count - after)).reversed() {
            operations.append(.remove(DocumentPath(components: path + [String(index)])))
        }
        for index in common.upperBound..<max(common.upperBound, new.count - after) {
            operations.append(.add(DocumentPath(components: path + [String(index)]), new[index]))
        }
    }
}
