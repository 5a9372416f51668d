import HoldfastRedis
import HoldfastScripts
import Synchronization

@testable import HoldfastMemoryStore

/// Makes one call of a board's script fail: before it does anything, or after all.
final class ScriptFaults: Sendable {
    private let next = Mutex<(loss: DurableBoardSubject.Loss, left: Int)>((.none, 0))

    /// Loses the call of this number, from 1, counted from now on.
    func lose(_ loss: DurableBoardSubject.Loss, _ call: Int) {
        next.withLock { $0 = (loss, call) }
    }

    func rewrite(_ script: Script, _ arguments: [RedisArgument]) -> (Script, [RedisArgument]) {
        guard script.name.hasPrefix("board/") else { return (script, arguments) }
        let loss = next.withLock { next in
            next.left -= 1
            return next.left == 0 ? next.loss : .none
        }
        switch loss {
        case .none: return (script, arguments)
        case .request: return (Self.failing, arguments)
        case .answer: return (Self.unanswered(script), arguments)
        }
    }

    private static let failing = Script(
        name: "test/failing", source: "#!lua\nreturn redis.error_reply('ERR the request was lost')\n")

    /// Copies each key to the one that follows it, or removes that one.
    static let copy = Script(
        name: "test/copy",
        source: """
            #!lua
            for index = 1, #KEYS, 2 do
              redis.call('UNLINK', KEYS[index + 1])
              if redis.call('EXISTS', KEYS[index]) == 1 then redis.call('COPY', KEYS[index], KEYS[index + 1]) end
            end
            """)

    private static let cache = Mutex<[String: Script]>([:])

    private static func unanswered(_ script: Script) -> Script {
        cache.withLock { cache in
            if let known = cache[script.name] { return known }
            let lines = script.source.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            let source = """
                \(lines[0])
                local function script()
                \(lines[1])
                end
                script()
                return redis.error_reply('ERR the answer was lost')
                """
            let made = Script(name: script.name, source: source)
            cache[script.name] = made
            return made
        }
    }
}
