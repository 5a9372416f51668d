import NIOCore
import NIOSSL

/// Carries one connection's bytes to its ``ReplyReader``, its first replies to the handshake and all others to
/// the user.
final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case handshake(EventLoopPromise<RedisServer>)
        case open
        case closed
    }

    private let user: any ConnectionUser
    private let handshake: Handshake
    private let address: RedisConfiguration.Address
    private let generation: Int
    private let onEnd: (RedisError) -> Void
    private let reader = ReplyReader()
    private var replies: [RedisValue] = []
    private var phase: Phase
    private var failure: RedisError?

    /// Serves `user`; `ready` is completed when the handshake has ended in one way or the other, `onEnd` is called
    /// when an open connection has.
    init(
        user: any ConnectionUser, handshake: Handshake, address: RedisConfiguration.Address, generation: Int,
        ready: EventLoopPromise<RedisServer>, onEnd: @escaping (RedisError) -> Void = { _ in }
    ) {
        self.user = user
        self.handshake = handshake
        self.address = address
        self.generation = generation
        self.onEnd = onEnd
        self.phase = .handshake(ready)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard case .handshake(let ready) = phase else { return }
        // Given up from outside, by a time limit or a shutdown: from then on it must not open any more.
        ready.futureResult.assumeIsolated().whenFailure { error in
            guard self.isHandshaking else { return }
            self.fail(error as? RedisError ?? RedisError(.unavailable, "given up: \(error)"), context)
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(handshake.request), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard failure == nil else { return }
        let buffer = unwrapInboundIn(data)
        do {
            try buffer.withUnsafeReadableBytes { bytes throws(RedisError) in
                try reader.feed(bytes, into: &replies)
            }
        } catch {
            fail(error, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        deliver(context)
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .open = phase, context.channel.isWritable { user.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let verdict: (RedisError.Code, String) =
            switch error {
            case NIOSSLError.handshakeFailed(.sslError(let stack)) where !stack.contains(.eofDuringHandshake):
                (.denied, "the TLS handshake with Redis failed: \(stack)")
            case NIOSSLError.handshakeFailed:
                (.unavailable, "Redis hung up during the TLS handshake")
            case let error as NIOSSLExtraError:
                (.denied, "the certificate of Redis was refused: \(error)")
            case BoringSSLError.sslError(let stack) where isHandshaking && "\(stack)".contains("_ALERT_"):
                // TLS 1.3 judges our certificate after the handshake has ended on our side.
                (.denied, "Redis refused our certificate, or wants one: \(stack)")
            default:
                (.unavailable, "the connection to Redis broke: \(error)")
            }
        fail(RedisError(verdict.0, verdict.1, underlying: error), context)
    }

    private var isHandshaking: Bool {
        if case .handshake = phase { true } else { false }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    private func deliver(_ context: ChannelHandlerContext) {
        guard failure == nil else { return }
        do throws(RedisError) {
            if case .handshake(let ready) = phase {
                guard replies.count >= handshake.replyCount else { return }
                let server = try handshake.conclude(
                    Array(replies.prefix(handshake.replyCount)), address: address, generation: generation)
                replies.removeFirst(handshake.replyCount)
                phase = .open
                user.opened(context.channel, server: server)
                ready.succeed(server)
            }
            if case .open = phase {
                try user.received(replies)
                replies.removeAll(keepingCapacity: replies.capacity <= 4096)
            }
        } catch {
            fail(error, context)
        }
    }

    private func fail(_ error: RedisError, _ context: ChannelHandlerContext) {
        if failure == nil { failure = error }
        context.close(promise: nil)
    }

    /// Tells whoever waits that it is over, once.
    private func end() {
        let reason = failure ?? RedisError(.unavailable, "Redis closed the connection")
        let last = phase
        phase = .closed
        switch last {
        case .handshake(let ready):
            // A server that is full or protected says so in one error and hangs up.
            if failure == nil, case .error(let error) = replies.first {
                ready.fail(RedisError(error))
            } else {
                ready.fail(reason)
            }
        case .open:
            user.closed(reason)
            onEnd(reason)
        case .closed: break
        }
    }
}
