import Foundation

extension Journals {
    /// Reads every `*.jsonl` of a folder.
    ///
    /// A file may end in the middle of a line: its process was killed while it wrote. Anything else that
    /// is no valid line means that the evidence was tampered with or misunderstood, and is refused.
    init(folder: URL, keys: inout KeyTable) throws(VerifierError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        } catch {
            throw VerifierError(.notFound, "cannot list the journals in \(folder.path)", underlying: error)
        }
        for name in names.sorted() where name.hasSuffix(".jsonl") {
            let bytes: [UInt8]
            do {
                bytes = try Array(Data(contentsOf: folder.appendingPathComponent(name)))
            } catch {
                throw VerifierError(.notFound, "cannot read the journal \(name)", underlying: error)
            }
            try read(bytes, named: name, keys: &keys)
        }
        guard !processes.isEmpty else {
            throw VerifierError(.notFound, "there is no journal in \(folder.path)")
        }
    }

    /// Reads one process's journal.
    mutating func read(_ bytes: [UInt8], named name: String, keys: inout KeyTable) throws(VerifierError) {
        processes.append(Process(name: name))
        shared.beginProcess()
        var rest = bytes[...]
        var number = 0
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: 0x0A)
            let line = rest[..<(end ?? rest.endIndex)]
            do throws(JSONFailure) {
                try add(JSONObject(Array(line)), keys: &keys)
            } catch {
                // Only a whole object ends at depth zero, so a torn line never passes for a valid one.
                guard end == nil else {
                    throw VerifierError(.badJournal, "\(name) line \(number): \(error)", underlying: error)
                }
                tornLines += 1
            }
            rest = rest[(end.map { $0 + 1 } ?? rest.endIndex)...]
        }
        processes[processes.count - 1].times.sort()
    }

    /// Adds one line to the last process.
    private mutating func add(_ line: JSONObject, keys: inout KeyTable) throws(JSONFailure) {
        let at = try line.integer("at")
        let process = processes.count - 1
        func key(_ name: String = "key") throws(JSONFailure) -> KeyIndex {
            keys.index(of: Array(try line.string(name).utf8))
        }
        func operation() throws(JSONFailure) -> OperationOfKey {
            OperationOfKey(key: try key(), id: Array(try line.string("id").utf8))
        }
        func side(_ name: String) throws(JSONFailure) -> Traded.Side {
            Traded.Side(
                key: try key(name), version: try line.integer("\(name)Version"),
                owner: try line.randomID("\(name)Owner"))
        }
        switch try line.string("kind") {
        case "opened":
            guard let how = Opened.How(rawValue: try line.string("how")) else { throw JSONFailure("unknown how") }
            opened.append(
                Opened(
                    process: process, at: at, key: try key(), version: try line.integer("version"),
                    fence: try line.integer("fence"), owner: try line.randomID("owner"), how: how,
                    coins: try line.integer("coins")))
        case "entered":
            entered.append(
                Entered(key: try key(), version: try line.integer("version"), state: try WorldState(line)))
        case "visited":
            visited.append(Visited(process: process, key: try key(), owner: try line.randomID("owner")))
        case "saved":
            saved.append(
                Saved(
                    key: try key(), version: try line.integer("version"), fence: try line.integer("fence"),
                    owner: try line.randomID("owner"), saveID: try line.randomID("saveID"),
                    balance: try Balance(line)))
        case "traded":
            traded.append(Traded(id: try line.string("id"), from: try side("from"), to: try side("to")))
        case "tradeEnded":
            tradeEnds.append(TradeEnd(trade: try line.string("id"), outcome: try line.string("outcome")))
        case "delivered":
            delivered.append(Delivered(at: at, operation: try operation(), amount: try line.integer("amount")))
        case "applied":
            applied.append(Applied(operation: try operation(), version: try line.integer("version")))
        case "cancelled":
            cancelled.append(Cancelled(operation: try operation(), outcome: try line.string("outcome")))
        case "requeued":
            let newID = Array(try line.string("as").utf8)
            requeued.append(
                Requeued(
                    operation: try operation(), newOperation: OperationOfKey(key: try key(), id: newID)))
        case "refused":
            _ = try key()
            refused += 1
        case "ended":
            let wasLost = try line.string("reason").hasPrefix("lost")
            ended.append(Ended(at: at, owner: try line.randomID("owner"), wasLost: wasLost))
        case let other:
            guard try shared.add(other, line, of: process, at: at, keys: &keys) else {
                throw JSONFailure("unknown kind \(other)")
            }
        }
        processes[process].times.append(at)
    }
}
