import HoldfastScripts
import NIOCore

extension RedisClient {
    /// Sends one command and waits for its reply.
    ///
    /// - Parameters:
    ///   - arguments: The command's name and arguments.
    ///   - lane: The connection to use. Commands that block inside Redis belong on `.blocking`, large ones on `.bulk`.
    ///   - timeout: Limit from the call to the reply; nil takes the configuration's. Give a blocking command
    ///     more than it blocks for.
    /// - Returns: The reply; errors nested in an array are values.
    /// - Throws: ``RedisError``; its code tells whether the command can have taken effect.
    public nonisolated(nonsending) func command(
        _ arguments: [RedisArgument], lane: RedisLane = .session, timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        guard !arguments.isEmpty else { throw RedisError(.badInput, "a command needs a name") }
        let limit = TimeAmount(timeout ?? configuration.commandTimeout)
        let command = RedisCommand.plain(arguments)
        let length = try Self.checkedLength(of: command)
        switch far {
        case .server(let lanes, let mayMove):
            let deadline = NIODeadline.now() + limit
            let reply = await lanes[lane].send(command, length: length, deadline: deadline, timeout: limit)
            if mayMove, reply.needsJudgement {
                return try await Self.value(
                    again(reply, lanes, lane, until: deadline, isScript: false) { _ in command })
            }
            return try Self.value(reply)
        case .cluster(let router):
            let route = try CommandKeys.route(arguments)
            return try await Self.value(router.send(route, lane: lane, limit: limit) { _ in command })
        }
    }

    /// Sends one command to one server of ``masters(timeout:)``, and nowhere else.
    ///
    /// Neither redirections nor other refusals are followed up: they are thrown.
    ///
    /// - Parameters:
    ///   - arguments: The command's name and arguments.
    ///   - node: The server; the only one takes all commands where there is no cluster.
    ///   - lane: The connection to use.
    ///   - timeout: Limit from the call to the reply; nil takes the configuration's.
    /// - Returns: The reply; errors nested in an array are values.
    /// - Throws: ``RedisError``; its code tells whether the command can have taken effect.
    public nonisolated(nonsending) func command(
        _ arguments: [RedisArgument], on node: RedisNode, lane: RedisLane = .session, timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        guard case .cluster(let router) = far, let address = node.address, !arguments.isEmpty else {
            return try await command(arguments, lane: lane, timeout: timeout)
        }
        let command = RedisCommand.plain(arguments)
        _ = try Self.checkedLength(of: command)
        let limit = TimeAmount(timeout ?? configuration.commandTimeout)
        return try await Self.value(router.send(command, to: address, lane: lane, limit: limit))
    }

    /// Runs a script by EVALSHA, and in full where Redis does not know it.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: Every key it touches.
    ///   - arguments: Its ARGV.
    ///   - lane: The connection to use.
    ///   - timeout: Limit from the call to the reply; nil takes the configuration's.
    /// - Returns: What the script returns; errors nested in an array are values.
    /// - Throws: ``RedisError``; its code tells whether the script can have taken effect.
    public nonisolated(nonsending) func evaluate(
        _ script: Script, keys: [[UInt8]], arguments: [RedisArgument], lane: RedisLane = .session,
        timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        let limit = TimeAmount(timeout ?? configuration.commandTimeout)
        let start = NIODeadline.now()
        let command = RedisCommand.script(script, bySource: false, keys: keys, arguments: arguments)
        let length = try Self.checkedLength(of: command)
        var reply: RedisConnection.Reply
        switch far {
        case .server(let lanes, let mayMove):
            reply = await lanes[lane].send(command, length: length, deadline: start + limit, timeout: limit)
            if mayMove, reply.needsJudgement {
                reply = await again(reply, lanes, lane, until: start + limit, isScript: true) {
                    .script(script, bySource: $0, keys: keys, arguments: arguments)
                }
            } else if case .success(.error(let error)) = reply, error.prefix == "NOSCRIPT" {
                metrics.noScript.increment()
                let complete = RedisCommand.script(script, bySource: true, keys: keys, arguments: arguments)
                reply = await lanes[lane].send(
                    complete, length: complete.maximumLength, deadline: start + limit, timeout: limit)
            }
        case .cluster(let router):
            let route = try CommandKeys.route(keys: keys)
            reply = await router.send(route, lane: lane, limit: limit, isScript: true) {
                .script(script, bySource: $0, keys: keys, arguments: arguments)
            }
        }
        // One in 64, chosen by the low bits of the clock: no counter to share, and cheap.
        let end = NIODeadline.now()
        if (end.uptimeNanoseconds >> 6) & 63 == 0 {
            metrics.scriptSeconds.recordNanoseconds((end - start).nanoseconds)
        }
        return try Self.value(reply)
    }

    /// Refuses what Redis refuses by hanging up.
    private static func checkedLength(of command: RedisCommand) throws(RedisError) -> Int {
        let length = command.maximumLength
        guard length <= ReplyReader.maximumValueBytes else {
            throw RedisError(.badInput, "a command exceeds \(ReplyReader.maximumValueBytes) bytes")
        }
        return length
    }

    private static func value(_ reply: RedisConnection.Reply) throws(RedisError) -> RedisValue {
        let value = try reply.get()
        if case .error(let error) = value { throw RedisError(error) }
        return value
    }
}
