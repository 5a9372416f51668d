import HoldfastReplication
import HoldfastStorage
import Synchronization
import Testing

@Suite("Replicas")
struct ReplicaTests {
    private let stream = String(repeating: "0a", count: 16)

    private func bytes(_ text: String) -> [UInt8] {
        Array(text.replacing("STREAM", with: #""stream":"\#(stream)""#).utf8)
    }

    private func filled(maximumBytes: Int = 8 << 20) throws -> Replica {
        let replica = Replica(maximumBytes: maximumBytes)
        let outcome = try replica.receive(bytes(#"{STREAM,"revision":5,"snapshot":{"list":[1,2],"n":1}}"#))
        #expect(outcome == .applied)
        return replica
    }

    @Test(
        "bytes that are no message are refused, and the replica stays as it was",
        arguments: [
            "", "{", "null", "[]", "7", "\u{FEFF}{}", #"{"snapshot":{}}"#, #"{STREAM,"revision":-1,"snapshot":{}}"#,
            #"{STREAM,"revision":6,"snapshot":{},"patch":[]}"#, #"{STREAM,"revision":6,"patch":{}}"#,
            #"{STREAM,"revision":6.5,"patch":[]}"#, #"{"stream":"xyz","revision":6,"patch":[]}"#,
            #"{STREAM,"revision":6,"patch":[{"op":"add"}]}"#, #"{STREAM,"revision":6}"#, "{}",
            #"{STREAM,"revision":6,"snapshot":{},"revision":7}"#,
            #"{STREAM,"revision":99999999999999999999,"patch":[]}"#,
            #"{"hello":1}"#,
        ])
    func malformed(_ text: String) throws {
        let replica = try filled()
        let error = #expect(throws: ReplicationError.self) { try replica.receive(bytes(text)) }
        #expect(error?.code == .malformed)
        #expect(replica.document == ["list": [1, 2], "n": 1])
        #expect(replica.position?.revision == 5)
    }

    @Test("bytes that are no UTF-8, nested too deeply or too many are refused")
    func hostile() throws {
        let replica = try filled()
        let deep = String(repeating: "[", count: 100_000)
        let nested = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        let path = String(repeating: "/0", count: 70)
        let long = String(repeating: #"{"op":"test","path":"/n","value":1},"#, count: 65_536)
        let refused: [([UInt8], ReplicationError.Code)] = [
            (bytes(#"{STREAM,"revision":6,"snapshot":"# + deep), .tooLarge),
            (bytes(#"{STREAM,"revision":6,"snapshot":\#(nested)}"#), .tooLarge),
            (Array(repeating: 0x20, count: 5 << 20), .tooLarge),
            (bytes(#"{STREAM,"revision":6,"snapshot":""#) + [0xFF] + bytes(#""}"#), .malformed),
            (bytes(#"{STREAM,"revision":6,"patch":[\#(long){"op":"test","path":"/n","value":1}]}"#), .tooLarge),
            (bytes(#"{STREAM,"revision":6,"patch":[{"op":"add","path":"\#(path)","value":1}]}"#), .tooLarge),
        ]
        for (bytes, code) in refused {
            let error = #expect(throws: ReplicationError.self) { try replica.receive(bytes) }
            #expect(error?.code == code)
        }
        #expect(replica.document == ["list": [1, 2], "n": 1])
    }

    @Test("after a patch that does not apply only a snapshot helps, and it is what the replica asks for")
    func broken() throws {
        let replica = try filled()
        let error = #expect(throws: ReplicationError.self) {
            try replica.receive(
                bytes(
                    #"{STREAM,"revision":6,"patch":[{"op":"replace","path":"/n","value":2},"#
                        + #"{"op":"remove","path":"/x"}]}"#
                ))
        }
        #expect(error?.code == .doesNotApply)
        #expect(replica.document == ["list": [1, 2], "n": 1])
        #expect(replica.request == Array("{}".utf8))
        #expect(try replica.receive(bytes(#"{STREAM,"revision":6,"patch":[]}"#)) == .needsResync)
        #expect(try replica.receive(bytes(#"{STREAM,"revision":7,"snapshot":{"n":3}}"#)) == .applied)
        #expect(replica["n"] == 3)
        #expect(replica.request == bytes(#"{"revision":7,STREAM}"#))
    }

    @Test("older and doubled messages are ignored, a gap and a patch of another stream ask for a resync")
    func order() throws {
        let empty = Replica()
        #expect(empty.request == Array("{}".utf8))
        #expect(try empty.receive(bytes(#"{STREAM,"revision":1,"patch":[]}"#)) == .needsResync)
        let replica = try filled()
        #expect(try replica.receive(bytes(#"{STREAM,"revision":5,"snapshot":{}}"#)) == .ignored)
        #expect(try replica.receive(bytes(#"{STREAM,"revision":4,"snapshot":{}}"#)) == .ignored)
        #expect(try replica.receive(bytes(#"{STREAM,"revision":5,"patch":[]}"#)) == .ignored)
        #expect(try replica.receive(bytes(#"{STREAM,"revision":7,"patch":[]}"#)) == .needsResync)
        let other = String(repeating: "0b", count: 16)
        #expect(try replica.receive(bytes(#"{"stream":"\#(other)","revision":6,"patch":[]}"#)) == .needsResync)
        #expect(replica["n"] == 1)
        #expect(try replica.receive(bytes(#"{"stream":"\#(other)","revision":0,"snapshot":{"n":9}}"#)) == .applied)
        #expect(replica["n"] == 9)
    }

    @Test("a document that patches would grow beyond the limit is refused, one that shrinks again is not")
    func growth() throws {
        let replica = try filled(maximumBytes: 1_000)
        let text = String(repeating: "x", count: 300)
        for revision in 6...40 {
            let patch = #"{STREAM,"revision":\#(revision),"patch":[{"op":"replace","path":"/n","value":"\#(text)"}]}"#
            #expect(try replica.receive(bytes(patch)) == .applied)
        }
        let add = #"{STREAM,"revision":41,"patch":[{"op":"add","path":"/m","value":"\#(text + text + text)"}]}"#
        let error = #expect(throws: ReplicationError.self) { try replica.receive(bytes(add)) }
        #expect(error?.code == .tooLarge)
        #expect(replica["m"] == nil)
        #expect(replica.request == Array("{}".utf8))
    }

    @Test("a snapshot over the limit is refused, and the replica stays as it was")
    func largeSnapshot() throws {
        let replica = try filled(maximumBytes: 1_000)
        let text = String(repeating: "x", count: 1_000)
        let error = #expect(throws: ReplicationError.self) {
            try replica.receive(bytes(#"{STREAM,"revision":7,"snapshot":"\#(text)"}"#))
        }
        #expect(error?.code == .tooLarge)
        #expect(replica["n"] == 1 && replica.position?.revision == 5)
    }

    @Test("an observer is called once per message that changes its place, with the value before and after")
    func observers() throws {
        let replica = Replica()
        let calls = Mutex<[[JSONValue?]]>([])
        let observation = replica.observe("list.0") { old, new in
            #expect(replica["list.0"] == new)
            calls.withLock { $0.append([old, new]) }
        }
        _ = try replica.receive(bytes(#"{STREAM,"revision":5,"snapshot":{"list":[1,2],"n":1}}"#))
        for patch in [
            #"{"op":"replace","path":"/n","value":2}"#,
            #"{"op":"add","path":"/list/0","value":7},{"op":"replace","path":"/list/0","value":8}"#,
            #"{"op":"add","path":"/list/-","value":3}"#, #"{"op":"remove","path":"/list"}"#,
        ] {
            let revision = (replica.position?.revision ?? 0) + 1
            _ = try replica.receive(bytes(#"{STREAM,"revision":\#(revision),"patch":[\#(patch)]}"#))
        }
        #expect(calls.withLock { $0 } == [[nil, 1], [1, 8], [8, nil]])
        replica.stop(observation)
        _ = try replica.receive(bytes(#"{STREAM,"revision":10,"snapshot":{"list":[5]}}"#))
        #expect(calls.withLock { $0.count } == 3)
    }
}
