import HoldfastStorage
import ModelTesting
import Testing

@Suite("Payloads")
struct PayloadTests {
    private let long = Array(String(repeating: #"{"name":"Ada","coins":100},"#, count: 100).utf8)

    @Test("documents survive, compressed only where that makes them smaller")
    func roundTrips() throws {
        var generator = SeededGenerator(seed: 1)
        let noise = (0..<4_096).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let short = Array(#"{"coins":1}"#.utf8)
        for (document, format) in [(long, 1), (noise, 0), (short, 0), ([], 0)] as [([UInt8], UInt8)] {
            let payload = try Payload.encode(canonical: document)
            #expect(payload.bytes.first == format)
            #expect(payload.bytes.count <= document.count + 1)
            #expect(payload.documentBytes == document.count)
            #expect(try payload.document() == document)
        }
    }

    @Test("the largest document survives and one byte more is refused")
    func boundsSize() throws {
        let largest = [UInt8](repeating: 0x20, count: 4_194_304)
        #expect(try Payload.encode(canonical: largest).document().count == largest.count)
        let error = #expect(throws: StoreError.self) { try Payload.encode(canonical: largest + [0x20]) }
        #expect(error?.code == .badInput)
    }

    @Test("a change of any one byte is refused as corrupt")
    func refusesChangedBytes() throws {
        let payload = try Payload.encode(canonical: long)
        for index in payload.bytes.indices {
            var bytes = payload.bytes
            bytes[index] ^= 0x40
            let changed = Payload(bytes: bytes, checksum: payload.checksum, documentBytes: payload.documentBytes)
            #expect(#expect(throws: StoreError.self) { try changed.document() }?.code == .corrupt)
        }
    }

    @Test("a truncated or extended frame is refused, even under a matching checksum")
    func refusesBadFrames() throws {
        let payload = try Payload.encode(canonical: long)
        for bytes in [[], [1]] + (1..<payload.bytes.count).map({ Array(payload.bytes[..<$0]) }) + [payload.bytes + [0]]
        {
            #expect(#expect(throws: StoreError.self) { try sealed(bytes).document() }?.code == .corrupt)
        }
    }

    @Test("a frame that claims more than a document may have is refused before anything is allocated")
    func refusesBombs() {
        // A zstd header with a content size of 2^40, followed by an empty raw block.
        let header: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]
        #expect(#expect(throws: StoreError.self) { try sealed([1] + header).document() }?.code == .corrupt)
    }

    @Test("a format of a newer build is refused by name", arguments: [2, 3, 255] as [UInt8])
    func refusesNewerFormats(format: UInt8) {
        let error = #expect(throws: StoreError.self) { try sealed([format, 1, 2]).document() }
        #expect(error?.code == .newerSchema)
    }

    @Test("the checksum is the head of SHA-256")
    func checksum() {
        // SHA-256 of "abc" begins with ba7816bf8f01cfea.
        #expect(Payload.checksum(of: Array("abc".utf8)) == 0xba78_16bf_8f01_cfea)
    }

    @Test("many tasks share the compression contexts")
    func isThreadSafe() async throws {
        let document = long
        try await withThrowingTaskGroup { tasks in
            for index in 0..<32 {
                tasks.addTask {
                    let own = document + Array(String(index).utf8)
                    for _ in 0..<50 {
                        let unpacked = try Payload.encode(canonical: own).document()
                        #expect(unpacked == own)
                    }
                }
            }
            try await tasks.waitForAll()
        }
    }

    private func sealed(_ bytes: [UInt8]) -> Payload {
        Payload(bytes: bytes, checksum: Payload.checksum(of: bytes), documentBytes: 10)
    }
}
