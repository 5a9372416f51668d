import Foundation
import Glibc
import Synchronization

/// The journal of one server process: a line for each acknowledgement, written before anything else happens.
///
/// Each line is one write(2) on a descriptor opened for appending, so a killed process leaves at most one torn
/// line at the end. Lines carry the machine's boot clock, which all processes share.
final class DemoJournal: Sendable {
    /// Guards the order of clock and write.
    private let descriptor: Mutex<Int32>

    /// Creates `folder/<server>-<boot>.jsonl`.
    init(folder: String, server: String, boot: String) throws(CommandError) {
        let path = "\(folder)/\(server)-\(boot).jsonl"
        let opened = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw DataFolder.failure(errno, "cannot create the journal", path) }
        descriptor = Mutex(opened)
    }

    deinit {
        descriptor.withLock { _ = close($0) }
    }

    /// Appends a line.
    ///
    /// A journal that cannot be written makes the run worthless, so the process ends itself.
    func write(_ kind: String, _ fields: [(String, OutputValue)] = []) {
        descriptor.withLock { descriptor in
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            let at = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
            let all = [("at", .integer(at)), ("kind", .string(kind))] + fields
            let line = OutputWriter.bytes(.fields(all)) + [0x0A]
            let written = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written == line.count else {
                Output.complain("holdfast: the journal cannot be written: \(String(cString: strerror(errno)))")
                exit(ExitStatus.inputOutput.rawValue)
            }
        }
    }
}
