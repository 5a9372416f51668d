import HoldfastRedis
import HoldfastStorage

extension RedisCoordinationBackend {
    /// Lists the leases that are held now, ordered by record. For operators: it walks all keys of this Redis,
    /// a thousand a call, and asks for each lease on its own.
    ///
    /// Not a snapshot: leases taken or released meanwhile may or may not be in it.
    public func leases() async throws(CoordinationError) -> [(id: RecordID, lease: LeaseDescription)] {
        var records: Set<RecordID> = []
        var cursor = "0"
        repeat {
            let reply = try await command(
                ["SCAN", .string(cursor), "MATCH", .string(keys.leasePattern), "COUNT", "1000"], lane: .bulk)
            guard case .array(let parts) = reply, parts.count == 2, let next = parts[0].string,
                case .array(let names) = parts[1]
            else { throw CoordinationError(.internalError, "SCAN answered in an unknown form") }
            for name in names {
                if let bytes = name.bytes, let record = keys.record(ofLease: bytes) { records.insert(record) }
            }
            cursor = next
        } while cursor != "0"
        return try await inspect(records.sorted())
    }

    /// 100 at a time share a round trip.
    private func inspect(
        _ records: [RecordID]
    ) async throws(CoordinationError) -> [(id: RecordID, lease: LeaseDescription)] {
        var found: [(id: RecordID, lease: LeaseDescription)] = []
        for start in stride(from: 0, to: records.count, by: 100) {
            let batch = records[start..<min(start + 100, records.count)]
            let results = await withTaskGroup(of: (RecordID, Result<LeaseDescription?, CoordinationError>).self) {
                group in
                for record in batch {
                    group.addTask {
                        do throws(CoordinationError) {
                            return (record, .success(try await self.inspect(record)))
                        } catch {
                            return (record, .failure(error))
                        }
                    }
                }
                var results: [(RecordID, Result<LeaseDescription?, CoordinationError>)] = []
                for await result in group { results.append(result) }
                return results
            }
            for (record, result) in results.sorted(by: { $0.0 < $1.0 }) {
                if let lease = try result.get() { found.append((record, lease)) }
            }
        }
        return found
    }
}
