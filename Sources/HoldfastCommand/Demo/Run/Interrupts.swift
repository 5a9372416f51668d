import Dispatch
import Glibc
import Synchronization

/// Counts SIGINT, SIGTERM and SIGHUP instead of dying of them.
final class Interrupts: Sendable {
    private let counter: Mutex<Int>
    // Sources are made and cancelled by one task; the handler touches the counter only.
    nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

    init() {
        counter = Mutex(0)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [weak self] in self?.counter.withLock { $0 += 1 } }
            source.resume()
            sources.append(source)
        }
    }

    deinit { sources.forEach { $0.cancel() } }

    var count: Int { counter.withLock { $0 } }
}
