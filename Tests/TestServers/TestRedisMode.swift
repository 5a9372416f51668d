import Foundation

/// How the environment wants the Redis servers of tests.
struct TestRedisMode {
    static let variable = "HOLDFAST_TEST_REDIS"
    static let current = TestRedisMode(ProcessInfo.processInfo.environment[variable] ?? "")

    let isCluster: Bool
    let hasAccessControl: Bool

    /// Reads `cluster`, `acl`, both with a comma, or nothing.
    init(_ text: String) {
        let words = Set(text.split(separator: ",").map(String.init))
        precondition(
            words.isSubset(of: ["acl", "cluster"]), "\(Self.variable) takes acl, cluster or both, not \(text)")
        isCluster = words.contains("cluster")
        hasAccessControl = words.contains("acl")
    }
}
