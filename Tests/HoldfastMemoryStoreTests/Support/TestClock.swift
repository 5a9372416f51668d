import HoldfastRedis
import HoldfastScripts
import Synchronization

@testable import HoldfastMemoryStore

/// Milliseconds since 1970 as scripts see them, moved by the test alone.
///
/// Begins in 2050, so that Redis itself, which goes by its own clock, expires none of the keys.
final class TestClock: Sendable {
    private let millis = Atomic<Int64>(2_524_608_000_000)

    var now: Int64 { millis.load(ordering: .sequentiallyConsistent) }

    func advance(_ millis: Int64) {
        self.millis.add(millis, ordering: .sequentiallyConsistent)
    }

    /// The same script with this clock in place of Redis': its time comes as one more argument.
    func rewrite(_ script: Script, _ arguments: [RedisArgument]) -> (Script, [RedisArgument]) {
        (Self.rewritten(script), arguments + [.integer(now)])
    }

    private static let cache = Mutex<[String: Script]>([:])

    private static func rewritten(_ script: Script) -> Script {
        cache.withLock { cache in
            if let known = cache[script.name] { return known }
            let lines = script.source.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            let body = lines[1].replacing("redis.call('TIME')", with: "test_time()")
            let source = """
                \(lines[0])
                local test_millis = tonumber(table.remove(ARGV))
                local function test_time()
                  return {math.floor(test_millis / 1000), test_millis % 1000 * 1000}
                end
                \(body)
                """
            let made = Script(name: script.name, source: source)
            cache[script.name] = made
            return made
        }
    }
}

extension MemoryStore {
    /// The same store with scripts that go by `clock`.
    func at(_ clock: TestClock) -> MemoryStore {
        var context = context
        context.rewrite = { clock.rewrite($0, $1) }
        return MemoryStore(context, ownsCommitter: false)
    }
}
