import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import HoldfastRedis

@Suite("The subscriptions' connection")
struct SubscriptionHubTests {
    /// Breaks at the first byte that is written, as a socket does whose peer has just died.
    private final class Breaking: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        let onBreak: () -> Void

        init(onBreak: @escaping () -> Void) {
            self.onBreak = onBreak
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            onBreak()
            context.close(promise: promise)
        }
    }

    @Test("one that breaks while the channels are subscribed anew is forgotten")
    func breaksAtTheFirstWrite() async throws {
        let loop = EmbeddedEventLoop()
        let hub = SubscriptionHub(
            eventLoop: loop, keepAlive: .seconds(60), logger: Logger(label: "test"),
            metrics: RedisMetrics()
        ) { _ in }
        let subscription = hub.subscribe("news")
        let channel = EmbeddedChannel(
            handler: Breaking { hub.closed(RedisError(.unavailable, "broken")) }, loop: loop)
        let server = RedisServer(runID: "1", version: "7.0.15", address: .unix(path: "/redis"), generation: 1)
        hub.opened(channel, server: server)
        #expect(hub.isConnected)
        loop.run()
        #expect(!hub.isConnected)
        withExtendedLifetime(subscription) {}
    }
}
