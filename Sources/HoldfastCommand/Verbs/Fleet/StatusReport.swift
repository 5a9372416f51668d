import HoldfastCoordination
import HoldfastStorage

/// What `status` found.
struct StatusReport: Sendable {
    let deployment: String
    var redis: BackendStatus?
    var store: StoreStatus?
    var storeLatency: Duration = .zero
    var servers: [ServerBeat] = []
    var failure: CommandError?

    init(deployment: String) {
        self.deployment = deployment
    }

    var document: OutputValue {
        var fields: [OutputValue.Field] = [
            .init(name: "deployment", value: .string(deployment)),
            .init(
                name: "redis",
                value: [
                    "ok": .bool(redis != nil), "mode": .optional(redis?.mode), "version": .optional(redis?.version),
                    "latencyMillis": redis.map { .millis($0.latency) } ?? .null,
                ]),
            .init(
                name: "store",
                value: [
                    "ok": .bool(store != nil), "kind": .optional(store?.kind), "version": .optional(store?.version),
                    "schema": .optional(store?.schema), "latencyMillis": store == nil ? .null : .millis(storeLatency),
                ]),
            .init(name: "servers", value: .array(servers.map { ServerRow.document($0) })),
        ]
        if case .object(let error) = failure?.document { fields += error }
        return .object(fields)
    }

    var text: String {
        let style = TerminalStyle.standardOutput
        func line(_ name: String, _ found: String?) -> String {
            "\(name)  \(found.map { "\(style.green("ok"))  \($0)" } ?? style.red("not reached"))"
        }
        func millis(_ duration: Duration) -> String { OutputWriter.text(.millis(duration)) + " ms" }
        var lines = [
            "deployment  \(deployment)",
            line("redis", redis.map { "\($0.mode) \($0.version), \(millis($0.latency))" }),
            line("store", store.map { "\($0.kind) schema \($0.schema), \(millis(storeLatency))" }),
        ]
        lines.append(servers.isEmpty ? "no servers" : ServerRow.table(servers))
        return lines.joined(separator: "\n")
    }
}
