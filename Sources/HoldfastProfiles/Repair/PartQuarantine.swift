import HoldfastStorage

/// The log entries that keep the bytes of damaged parts; no I/O inside.
struct PartQuarantine {
    /// How long the bytes are kept: as long as history.
    static let lifeMillis: Int64 = 30 * 86_400_000
    private static let pieceBytes = 60_000

    /// Parts that one commit removes, with the entries that keep them.
    struct Batch {
        var parts: [PartName] = []
        var entries: [AppendRequest.Entry] = []
    }

    /// Cuts parts into batches that fit a commit each.
    static func batches(_ parts: [Part]) -> [Batch] {
        var batches: [Batch] = []
        for part in parts {
            let entries = entries(of: part)
            if let last = batches.last, last.entries.count + entries.count <= CommitRequest.maximumEntries {
                batches[batches.count - 1].parts.append(part.name)
                batches[batches.count - 1].entries += entries
            } else {
                batches.append(Batch(parts: [part.name], entries: entries))
            }
        }
        return batches
    }

    private static func entries(of part: Part) -> [AppendRequest.Entry] {
        let bytes = part.payload.bytes
        let count = max(1, (bytes.count + pieceBytes - 1) / pieceBytes)
        return (0..<count).map { piece in
            let head = """
                {"checksum":"\(hex(part.payload.checksum))","of":\(count),"part":"\(hex(part.name.bytes))",\
                "piece":\(piece + 1),"version":\(part.version)}

                """
            let body = bytes.dropFirst(piece * pieceBytes).prefix(pieceBytes)
            return AppendRequest.Entry(id: .random(), value: Array(head.utf8) + body, timeToLiveMillis: lifeMillis)
        }
    }

    private static func hex(_ number: UInt64) -> String {
        hex((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined()
    }
}
