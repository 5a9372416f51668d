/// One thing that `doctor` looked at.
struct DoctorCheck: Sendable, Equatable {
    let name: String
    let ok: Bool
    let found: String
    let wanted: String
    /// What to do; empty where nothing is to be done.
    let fix: String

    init(_ name: String, ok: Bool, found: String, wanted: String, fix: String) {
        self.name = name
        self.ok = ok
        self.found = found
        self.wanted = wanted
        self.fix = ok ? "" : fix
    }

    var document: OutputValue {
        [
            "name": .string(name), "ok": .bool(ok), "found": .string(found), "wanted": .string(wanted),
            "fix": .string(fix),
        ]
    }
}
