import Foundation
import HoldfastProfiles
import Testing

@Suite struct SystemdUnitTests {
    @Test("a game server is given more time to stop than its drain takes, and is asked before it is killed")
    func stopping() throws {
        let folder = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Deploy/systemd")
        let unit = try String(contentsOf: folder.appendingPathComponent("holdfast-game@.service"), encoding: .utf8)
        let stop = try #require(unit.firstMatch(of: /(?m)^TimeoutStopSec=(\d+)s$/).flatMap { Int($0.1) })
        let drain = CoordinatorConfiguration(serverID: "arena-1").drainTimeout
        #expect(Duration.seconds(stop) >= drain + .seconds(10))
        #expect(unit.contains("\nKillSignal=SIGTERM\n"))
    }
}
