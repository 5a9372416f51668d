import HoldfastRedis
import HoldfastStorage

extension RedisCoordinationBackend {
    /// Lists the leases that are held now, ordered by record.
    ///
    /// For operators: it walks all keys of this Redis, a thousand a call and on a cluster node by node, and asks for
    /// each lease on its own. It needs a user that may SCAN.
    ///
    /// Not a snapshot: leases taken, released or moved to another node meanwhile may or may not be in it.
    public func leases() async throws(CoordinationError) -> [(id: RecordID, lease: LeaseDescription)] {
        var records: Set<RecordID> = []
        for node in try await masters() { records.formUnion(try await leases(on: node)) }
        return try await inspect(records.sorted())
    }

    private func masters() async throws(CoordinationError) -> [RedisNode] {
        do {
            return try await client.masters(timeout: timeout)
        } catch {
            throw CoordinationError(error)
        }
    }

    private func leases(on node: RedisNode) async throws(CoordinationError) -> Set<RecordID> {
        var records: Set<RecordID> = []
        var cursor = "0"
        repeat {
            let reply = try await command(
                ["SCAN", .string(cursor), "MATCH", .string(keys.leasePattern), "COUNT", "1000"], on: node, lane: .bulk)
            guard case .array(let parts) = reply, parts.count == 2, let next = parts[0].string,
                case .array(let names) = parts[1]
            else { throw CoordinationError(.internalError, "SCAN answered in an unknown form") }
            for name in names {
                if let bytes = name.bytes, let record = keys.record(ofLease: bytes) { records.insert(record) }
            }
            cursor = next
        } while cursor != "0"
        return records
    }

    /// 100 at a time share a round trip.
    private func inspect(
        _ records: [RecordID]
    ) async throws(CoordinationError) -> [(id: RecordID, lease: LeaseDescription)] {
        var found: [(id: RecordID, lease: LeaseDescription)] = []
        for start in stride(from: 0, to: records.count, by: 100) {
            let batch = records[start..<min(start + 100, records.count)]
            let inspected = await withTaskGroup(of: Inspected.self) { group in
                for record in batch { group.addTask { await self.inspected(record) } }
                return await group.reduce(into: [Inspected]()) { $0.append($1) }
            }
            for one in inspected.sorted(by: { $0.record < $1.record }) {
                if let lease = try one.lease.get() { found.append((one.record, lease)) }
            }
        }
        return found
    }

    private struct Inspected: Sendable {
        let record: RecordID
        let lease: Result<LeaseDescription?, CoordinationError>
    }

    private func inspected(_ record: RecordID) async -> Inspected {
        do throws(CoordinationError) {
            return Inspected(record: record, lease: .success(try await inspect(record)))
        } catch {
            return Inspected(record: record, lease: .failure(error))
        }
    }
}
