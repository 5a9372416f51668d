import NIOCore
import NIOPosix
import Synchronization
import TestServers

@testable import HoldfastRedis

/// A Sentinel that says what a test tells it to, on a loopback port.
final class FakeSentinel: Sendable {
    let address: RedisConfiguration.Address
    private let state: State
    private let channel: any Channel

    /// What the connections need of it.
    fileprivate final class State: Sendable {
        let answer: Mutex<RedisConfiguration.Address?>
        let subscribers = Mutex<[any Channel]>([])

        init(_ answer: RedisConfiguration.Address?) {
            self.answer = Mutex(answer)
        }

        func reply(to words: [String], on channel: any Channel) -> String {
            switch words.first?.uppercased() {
            case "INFO":
                let info = "run_id:fake\r\nredis_version:7.0.15\r\n"
                return "$\(info.utf8.count)\r\n\(info)\r\n"
            case "SENTINEL":
                guard words.last == "main", case .tcp(let host, let port)? = answer.withLock({ $0 }) else {
                    return "*-1\r\n"
                }
                return "*2\r\n$\(host.utf8.count)\r\n\(host)\r\n$\("\(port)".utf8.count)\r\n\(port)\r\n"
            case "SUBSCRIBE":
                subscribers.withLock { $0.append(channel) }
                return "*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n"
            default: return "+OK\r\n"
            }
        }
    }

    /// Names a master; nil does not know the name.
    static func start(_ answer: RedisConfiguration.Address?) async throws -> FakeSentinel {
        let state = State(answer)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FakeSentinel(channel, state)
    }

    private init(_ channel: any Channel, _ state: State) {
        self.channel = channel
        self.address = .tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
        self.state = state
    }

    deinit {
        channel.close(promise: nil)
    }

    /// Changes the answer from now on.
    func name(_ master: RedisConfiguration.Address?) {
        state.answer.withLock { $0 = master }
    }

    /// Publishes a switch to every listener.
    func announceSwitch(to port: Int) {
        let text = "main 127.0.0.1 1 127.0.0.1 \(port)"
        let message = "*3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$\(text.utf8.count)\r\n\(text)\r\n"
        for channel in state.subscribers.withLock({ $0 }) {
            channel.writeAndFlush(ByteBuffer(string: message), promise: nil)
        }
    }

    /// How many listen.
    var listeners: Int { state.subscribers.withLock { $0.count } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let state: State
        private let reader = ReplyReader()
        private var commands: [RedisValue] = []

        init(_ state: State) {
            self.state = state
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            // A command has the form of a reply: an array of strings.
            _ = unwrapInboundIn(data).withUnsafeReadableBytes { try? reader.feed($0, into: &commands) }
            for command in commands {
                let words = command.array?.compactMap(\.string) ?? []
                let text = state.reply(to: words, on: context.channel)
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            }
            commands.removeAll()
        }
    }
}
