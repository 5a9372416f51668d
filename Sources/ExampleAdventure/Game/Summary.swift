import Synchronization

/// What happened, and whether it was right.
final class Summary: Sendable {
    private let lines = Mutex<[(text: String, isRight: Bool)]>([])

    var isRight: Bool { lines.withLock { $0.allSatisfy(\.isRight) } }

    func tell(_ text: String) {
        lines.withLock { $0.append((text, true)) }
        print(text)
    }

    func check(_ isRight: Bool, _ text: String) {
        lines.withLock { $0.append((text, isRight)) }
        print(isRight ? "ok   \(text)" : "FAIL \(text)")
    }
}
