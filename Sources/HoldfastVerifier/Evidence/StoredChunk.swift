/// One chunk of a demo world as the store has it, read from the coded bytes.
///
/// A coded chunk begins with its number of layers less one, flags (1 = heights, 2 = chests) and a palette: a number of
/// block ids, then the ids, seven bits a byte and the lowest first. It ends with its chests, as a canonical JSON array.
/// The run lengths between them say where the blocks are, which is not judged.
struct StoredChunk {
    /// Block ids that are neither air (0) nor ground (1); nil where the bytes cannot be read.
    let markers: [Int64]?
    /// The coins in the one chest; nil without a chest.
    let coins: Int64?
    /// Why the bytes cannot be read.
    let problem: String?

    init(bytes: [UInt8], checksum: Int64?) {
        var (markers, coins, problem): ([Int64]?, Int64?, String?) = (nil, nil, nil)
        do throws(JSONFailure) {
            let body = try StoredPayload(bytes: bytes, checksum: checksum).body()
            let blocks = try Self.palette(body)
            coins = body[1] & 2 == 0 ? nil : try Self.chest(body)
            markers = blocks.filter { $0 > 1 }
        } catch {
            problem = error.description
        }
        (self.markers, self.coins, self.problem) = (markers, coins, problem)
    }

    private static func palette(_ body: [UInt8]) throws(JSONFailure) -> [Int64] {
        guard body.count > 2, body[1] & ~2 == 0 else {
            throw JSONFailure("the chunk has flags that the demo never sets")
        }
        var position = 2
        func number() throws(JSONFailure) -> Int64 {
            var (number, shift) = (Int64(0), Int64(0))
            while position < body.count, shift < 35 {
                let byte = body[position]
                position += 1
                number |= Int64(byte & 0x7F) << shift
                if byte < 0x80 { return number }
                shift += 7
            }
            throw JSONFailure("the chunk's palette does not end")
        }
        let count = try number()
        var blocks: [Int64] = []
        while blocks.count < count { blocks.append(try number()) }
        return blocks
    }

    /// The run lengths before the chests may hold a bracket by chance, so what follows must be read to the end.
    private static func chest(_ body: [UInt8]) throws(JSONFailure) -> Int64 {
        for start in body.indices where body[start...].starts(with: Array("[{".utf8)) && body.last == UInt8(ascii: "]")
        {
            guard let chest = try? JSONObject(Array(body[(start + 1)..<(body.count - 1)])) else { continue }
            let slots = try chest.objects("slots")
            guard slots.count == 1 else { throw JSONFailure("the chest has \(slots.count) slots") }
            return try slots[0].integer("count")
        }
        throw JSONFailure("the chunk has no chest that can be read")
    }
}
