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
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                rest += buffer[..<count]
                var start = 0
                while let end = rest[start...].firstIndex(of: 0x0A) {
                    if let order = try? decoder.decode(ServerOrder.self, from: Data(rest[start..<end])) {
                        continuation.yield(order)
                    }
                    start = end + 1
                }
                rest.removeFirst(start)
            }
            continuation.finish()
        }
        thread.name = "orders"
        thread.start()
        return stream
    }
}
