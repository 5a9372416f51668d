import Foundation
import Glibc

/// The lines that another process writes to a descriptor.
struct DescriptorLines {
    let descriptor: Int32

    /// Reads to the end of the input and calls `body` with each line, without its end; blocks its thread.
    ///
    /// What follows the last line's end is dropped: its writer died over it.
    func forEach(_ body: (Data) -> Void) {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest += buffer[..<count]
            var start = 0
            while let end = rest[start...].firstIndex(of: 0x0A) {
                body(Data(rest[start..<end]))
                start = end + 1
            }
            rest.removeFirst(start)
        }
    }
}
