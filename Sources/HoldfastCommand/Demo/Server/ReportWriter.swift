import Foundation
import Glibc
import Synchronization

/// Sends reports on standard output, one line each.
final class ReportWriter: Sendable {
    private let descriptor: Mutex<Int32>

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = Mutex(descriptor)
    }

    /// Sends one report.
    ///
    /// Nobody may be listening any more; that is noticed at the end of the orders.
    func send(_ report: ServerReport) {
        guard let line = try? JSONEncoder().encode(report) else { return }
        descriptor.withLock { descriptor in
            try? Output.writeAll(Array(line) + [0x0A], to: descriptor, name: "standard output")
        }
    }
}
