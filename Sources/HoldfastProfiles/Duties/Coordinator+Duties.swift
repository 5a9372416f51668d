extension Coordinator {
    /// The collection that the leases of duties show in listings of leases; no profile is ever in it.
    public static let dutyCollection = "holdfast.duty"

    /// Has one server of the fleet at a time do something, now and again; fast: which one, is Redis' word alone.
    ///
    /// Servers ask for the duty's lease from one renewal after their start on. The one that gets it runs `body` at once
    /// and then `interval` after each end, for as long as it renews the lease; when it stops, another one goes on. A
    /// turn that throws is logged, counted and tried again at the next. Add duties before ``run()``, under the same
    /// names on every server.
    ///
    /// - Parameters:
    ///   - name: The duty's name in the fleet, 1 to 256 bytes.
    ///   - interval: At least 10 ms, from the end of a turn to the next.
    ///   - body: Must stand being done by two servers at once, which happens where one froze or Redis forgot; must end
    ///     soon after its task is cancelled.
    /// - Throws: ``ProfileError`` with code `badInput` for a name that is empty, too long or in use, an interval that
    ///   is too short, or a coordinator that runs already.
    public func addDuty(
        name: String, every interval: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) throws(ProfileError) {
        let duty = try FleetDuty(name: name, every: interval, body)
        let refusal: String? = duties.withLock { duties in
            guard duties.isOpen else { return "the coordinator runs already" }
            guard !duties.list.contains(where: { $0.name == name }) else { return "the name is in use" }
            duties.list.append(duty)
            return nil
        }
        if let refusal { throw ProfileError(.badInput, "duty \(name): \(refusal)") }
    }

    /// Runs every duty in this server until it is cancelled.
    func dutiesLoop() async {
        let list = duties.withLock { duties in
            duties.isOpen = false
            return duties.list
        }
        // A server that lives shorter, such as a command's, takes no duty from the fleet.
        guard (try? await Task.sleep(for: host.configuration.renewal)) != nil else { return }
        await withTaskGroup(of: Void.self) { group in
            for duty in list {
                group.addTask { [host] in await DutyRunner(duty, host: host).run() }
            }
        }
    }
}

/// What a coordinator was asked to take part in.
struct DutyList: Sendable {
    var list: [FleetDuty] = []
    /// Whether more may come.
    var isOpen = true
}
