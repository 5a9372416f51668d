import Foundation
import Glibc

/// Reads orders from standard input on a thread of its own; the stream ends with the input.
enum OrderReader {
    /// Orders that wait longer than this many others are dropped; the demo notices and orders again.
    private static let capacity = 20_000

    static func orders(descriptor: Int32 = STDIN_FILENO) -> AsyncStream<ServerOrder> {
        let (stream, continuation) = AsyncStream<ServerOrder>.makeStream(bufferingPolicy: .bufferingOldest(capacity))
        let thread = Thread {
            let decoder = JSONDecoder()
            DescriptorLines(descriptor: descriptor).forEach { line in
                if let order = try? decoder.decode(ServerOrder.self, from: line) { continuation.yield(order) }
            }
            continuation.finish()
        }
        thread.name = "orders"
        thread.start()
        return stream
    }
}
