import HoldfastCoordination
import HoldfastStorage
import Testing

@Suite("Deployment")
struct DeploymentTests {
    @Test("the first deployment id stays", arguments: BackendKind.allCases)
    func install(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let (first, second) = (RandomID.random(), RandomID.random())
            let before = try await backend.deploymentID()
            #expect(before == nil)
            let answers = [
                try await backend.installDeploymentID(first), try await backend.installDeploymentID(second),
                try await backend.deploymentID(),
            ]
            #expect(answers == [first, first, first])
        }
    }

    @Test("the status names mode and version", arguments: BackendKind.allCases)
    func status(_ kind: BackendKind) async throws {
        try await withBackend(kind) { backend in
            let status = try await backend.status()
            let mode =
                switch kind {
                case .memory: "memory"
                case .cluster: "cluster"
                case .redis: try await SharedRedis.standalone.server().configuration().topology.description
                }
            #expect(status.mode == mode)
            #expect(!status.version.isEmpty)
            #expect(status.latency > .zero || kind == .memory)
        }
    }
}
