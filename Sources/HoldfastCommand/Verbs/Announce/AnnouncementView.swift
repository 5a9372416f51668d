import HoldfastMemoryStore
import HoldfastStorage

/// Prints what a channel brings, a line each and at once.
struct AnnouncementView {
    let output: Output
    var style = TerminalStyle.standardOutput

    /// Prints one event.
    func show(_ event: AnnouncementEvent<JSONValue>) throws {
        if output.json { try output.print(Self.document(event)) } else { try output.print(text(event)) }
        try output.flush()
    }

    /// The line that `--json` promises.
    static func document(_ event: AnnouncementEvent<JSONValue>) throws -> OutputValue {
        switch event {
        case .message(let found):
            [
                "sequence": .integer(found.sequence), "publishedAt": .time(found.publishedAtMillis),
                "message": .raw(try CanonicalJSON.write(found.value)), "fast": .bool(found.flavor == .fast),
            ]
        case .gap(let gap):
            [
                "gap": [
                    "from": .integer(gap.from), "to": .optional(gap.to), "fast": .bool(gap.flavor == .fast),
                ]
            ]
        case .unreadable(let flavor, let sequence, let error):
            [
                "sequence": .integer(sequence), "publishedAt": .null, "message": .null,
                "fast": .bool(flavor == .fast), "unreadable": .string(error.message),
            ]
        }
    }

    /// The line for people.
    func text(_ event: AnnouncementEvent<JSONValue>) -> String {
        switch event {
        case .message(let found):
            let time = style.dim(Timestamp.text(millis: found.publishedAtMillis))
            return "\(time)  \(label(found.flavor, found.sequence))  \(AnnouncementText.line(found.value))"
        case .gap(let gap):
            let kind = gap.flavor == .fast ? "fast announcements" : "announcements"
            guard let to = gap.to else {
                return style.red("… \(kind) from \(gap.from) on were lost; numbers may begin again")
            }
            return style.red("… \(kind) \(gap.from) to \(to) were missed")
        case .unreadable(let flavor, let sequence, let error):
            return style.red("\(label(flavor, sequence))  cannot be read: \(TerminalText.escaped(error.message))")
        }
    }

    private func label(_ flavor: AnnouncementFlavor, _ sequence: Int64) -> String {
        style.bold("#\(sequence)\(flavor == .fast ? " fast" : "")")
    }
}
