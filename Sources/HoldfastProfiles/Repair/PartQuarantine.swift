import HoldfastStorage

/// The log entries that keep the bytes of damaged parts; no I/O inside.
struct PartQuarantine {
    /// How long the bytes are kept: 30 days, whatever history's retention is.
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
            let checksum = withUnsafeBytes(of: part.payload.checksum.bigEndian) { $0.hex }
            let head = """
                {"checksum":"\(checksum)","of":\(count),"part":"\(part.name.bytes.hex)",\
                "piece":\(piece + 1),"version":\(part.version)}

                """
            let body = bytes.dropFirst(piece * pieceBytes).prefix(pieceBytes)
            return AppendRequest.Entry(id: .random(), value: Array(head.utf8) + body, timeToLiveMillis: lifeMillis)
        }
    }
}
