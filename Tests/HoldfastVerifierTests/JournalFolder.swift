import Foundation
import HoldfastVerifier
import TestServers

/// The journals of a run, written by hand.
class JournalFolder {
    let folder: TemporaryFolder
    /// The lines of each process.
    var journals: [String: [String]] = [:]
    var redisFaults = false
    /// Written in place of a line break at the end of a process's journal.
    var ending: [String: String] = [:]
    /// The boot clock, in nanoseconds.
    var now: Int64 = 1_000_000_000_000

    init(folder: TemporaryFolder) {
        self.folder = folder
    }

    /// Writes a line, ten milliseconds after the one before.
    func line(_ members: String, of process: String) {
        now += 10_000_000
        journals[process, default: []].append(#"{"at":\#(now),\#(members)}"#)
    }

    /// Writes the files with their `run.json`, and asks for the verdict.
    func verdict(on store: StoreLocation, deployment: String) throws -> Verdict {
        let folder = URL(fileURLWithPath: self.folder.file("journals"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let run = #"{"deployment":"test","collection":"players","seed":1,"redisFaults":\#(redisFaults)}"#
        try Data(run.utf8).write(to: folder.appendingPathComponent("run.json"))
        for (process, lines) in journals {
            let text = lines.joined(separator: "\n") + (ending[process] ?? "\n")
            try Data(text.utf8).write(to: folder.appendingPathComponent("\(process)-boot.jsonl"))
        }
        return try Verifier(journals: folder, store: store, deployment: deployment).verify()
    }
}
