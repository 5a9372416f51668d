import HoldfastReplication
import HoldfastStorage
import Testing

/// A publisher with its replicas, over connections that lose, double and reorder.
@Suite("Replication")
struct ReplicationTests {
    @Test("after every message a replica has the public part, and no message holds anything else", arguments: 1...400)
    func follows(seed: Int) throws {
        var random = RandomDocuments(seed: UInt64(seed))
        var document = random.document()
        let whitelist = random.whitelist()
        let paths = PublicPaths(whitelist)
        let publisher = try Publisher(paths: paths, document: document)
        let replica = Replica()
        for message in try publisher.answer(replica.request) { #expect(try replica.receive(message) == .applied) }
        #expect(replica.document == paths.filter(document))
        for _ in 0..<20 {
            var seen = [paths.filter(document)]
            let changes = try edit(&document, &random) { seen.append(paths.filter($0)) }
            let new = paths.filter(document)
            let byPath = random.number(0...2) > 0
            let message = try byPath ? publisher.publish(changes) : publisher.publish(document)
            if let message {
                #expect(try replica.receive(message) == .applied)
                let known = markers(in: try CanonicalJSON.write(.array(seen)))
                #expect(markers(in: message).subtracting(known).isEmpty, "\(String(decoding: message, as: UTF8.self))")
            } else {
                #expect(seen.first == new)
            }
            #expect(replica.document == new)
            #expect(replica.position == publisher.position)
        }
    }

    @Test("lost, doubled and reordered messages end in a resync, and then both sides are equal", arguments: 1...400)
    func badConnection(seed: Int) throws {
        var random = RandomDocuments(seed: UInt64(seed))
        var document = random.document()
        let paths = PublicPaths(random.whitelist())
        var limits = PublisherLimits()
        limits.backlogMessages = random.number(0...4)
        var publisher = try Publisher(paths: paths, document: document, limits: limits)
        let replica = Replica()
        var states: [ReplicaPosition: JSONValue] = [publisher.position: paths.filter(document)]
        var way: [[UInt8]] = []

        func deliver(_ message: [UInt8]) throws {
            if try replica.receive(message) == .needsResync, random.number(0...2) > 0 {
                way += try publisher.answer(replica.request)
            }
            if let position = replica.position {
                #expect(replica.document == states[position])
            }
        }
        for _ in 0..<30 {
            if random.number(0...15) == 0 {
                // The player has come to another server.
                publisher = try Publisher(paths: paths, document: document, limits: limits)
                states[publisher.position] = paths.filter(document)
            }
            let changes = try edit(&document, &random)
            if let message = try publisher.publish(changes) {
                states[publisher.position] = paths.filter(document)
                if random.number(0...3) > 0 { way.append(message) }
                if random.number(0...3) == 0 { way.append(message) }
            }
            random.shuffle(&way)
            while way.count > 3 { try deliver(way.removeLast()) }
        }
        for message in try publisher.answer(replica.request) { _ = try replica.receive(message) }
        #expect(replica.position == publisher.position)
        #expect(replica.document == paths.filter(document))
    }

    @Test("a client that missed less than the backlog gets the patches, one that missed more a snapshot")
    func backlog() throws {
        var limits = PublisherLimits()
        limits.backlogMessages = 3
        let publisher = try Publisher(paths: ["n"], document: ["n": 0], limits: limits)
        let replica = Replica()
        for message in try publisher.answer(replica.request) { _ = try replica.receive(message) }
        for number in 1...3 { try publisher.publish(["n": .integer(Int64(number))]) }
        #expect(try publisher.answer(replica.request).count == 3)
        try publisher.publish(["n": 4])
        let answer = try publisher.answer(replica.request)
        #expect(answer.count == 1)
        for message in answer { #expect(try replica.receive(message) == .applied) }
        #expect(replica["n"] == 4)
        #expect(try publisher.answer(replica.request).isEmpty)

        limits.backlogBytes = 100
        let small = try Publisher(paths: ["n"], document: ["n": 0], limits: limits)
        let position = small.position
        try small.publish(["n": .string(String(repeating: "x", count: 200))])
        #expect(small.position.revision == position.revision + 1)
        let request = try CanonicalJSON.write(["stream": .string(position.stream.description), "revision": 0])
        let message = try #require(try small.answer(request).first)
        #expect(String(decoding: message, as: UTF8.self).contains("snapshot"))
    }

    @Test("changes that do not follow on what was published are refused, and the whole document mends it")
    func outOfStep() throws {
        let publisher = try Publisher(paths: ["items.*.kind", "name"], document: ["items": [["kind": "a"]]])
        let before = publisher.position
        for change: JSONPatch.Operation in [.remove("items.4"), .replace("items.1.kind", "b"), .add("name.first", "x")]
        {
            let error = #expect(throws: ReplicationError.self) {
                try publisher.publish(JSONPatch([.add("name", "y"), change]))
            }
            #expect(error?.code == .doesNotApply)
        }
        #expect(publisher.position == before)
        let replica = Replica()
        for message in try publisher.answer(replica.request) { _ = try replica.receive(message) }
        #expect(replica.document == ["items": [["kind": "a"]]])
        let message = try #require(try publisher.publish(["items": [], "name": "z", "secret": 1]))
        _ = try replica.receive(message)
        #expect(replica.document == ["items": [], "name": "z"])
    }

    @Test("what cannot be written is refused before anything is changed")
    func unwritable() throws {
        let publisher = try Publisher(paths: ["a", "b"], document: ["a": 1])
        for value: JSONValue in [.double(.nan), [.double(.infinity)], (0..<65).reduce(1) { value, _ in [value] }] {
            var error = #expect(throws: ReplicationError.self) { try publisher.publish(["a": value]) }
            #expect(error?.code == .badInput)
            error = #expect(throws: ReplicationError.self) {
                try publisher.publish(JSONPatch([.replace("a", 2), .add("b", value)]))
            }
            #expect(error?.code == .badInput)
            error = #expect(throws: ReplicationError.self) { try Publisher(paths: ["a"], document: ["a": value]) }
            #expect(error?.code == .badInput)
        }
        let text = JSONValue.string(String(repeating: "x", count: DurableStoreLimits.documentBytes + 5_000))
        let error = #expect(throws: ReplicationError.self) { try publisher.publish(JSONPatch([.add("b", text)])) }
        #expect(error?.code == .tooLarge)
        #expect(publisher.position.revision == 0)
        let next = try #require(try publisher.publish(JSONPatch([.replace("a", 2)])))
        #expect(String(decoding: next, as: UTF8.self).contains(#"[{"op":"replace","path":"/a","value":2}]"#))
    }

    private func edit(
        _ document: inout JSONValue, _ random: inout RandomDocuments, each: (JSONValue) -> Void = { _ in }
    ) throws -> JSONPatch {
        var changes = JSONPatch()
        for _ in 0..<random.number(1...3) {
            let change = random.change(of: document)
            try JSONPatch([change]).apply(to: &document)
            each(document)
            changes.operations.append(change)
        }
        return changes
    }
}
