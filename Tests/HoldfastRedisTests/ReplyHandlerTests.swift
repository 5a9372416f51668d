import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import HoldfastRedis

@Suite("The first commands of a connection")
struct ReplyHandlerTests {
    private final class Recorder: ConnectionUser {
        let name = "test"
        let isRetired = false
        let eventLoop: any EventLoop
        let replies = Mutex<[RedisValue]>([])
        let servers = Mutex<[RedisServer]>([])
        let ends = Mutex<[RedisError]>([])

        init(_ eventLoop: any EventLoop) {
            self.eventLoop = eventLoop
        }

        func opened(_ channel: any Channel, server: RedisServer) { servers.withLock { $0.append(server) } }
        func received(_ new: [RedisValue]) throws(RedisError) { replies.withLock { $0 += new } }
        func becameWritable() {}
        func closed(_ reason: RedisError) { ends.withLock { $0.append(reason) } }
        func failed(_ reason: RedisError) {}
    }

    private struct Fixture {
        let channel: EmbeddedChannel
        let recorder: Recorder
        let promise: EventLoopPromise<RedisServer>
        var ready: EventLoopFuture<RedisServer> { promise.futureResult }

        init(password: String? = nil, needsMaster: Bool = false) throws {
            let channel = EmbeddedChannel()
            self.channel = channel
            recorder = Recorder(channel.eventLoop)
            let address = RedisConfiguration.Address.unix(path: "/nowhere")
            var configuration = RedisConfiguration(address: address)
            configuration.password = password
            promise = channel.eventLoop.makePromise(of: RedisServer.self)
            try channel.pipeline.syncOperations.addHandler(
                ReplyHandler(
                    user: recorder,
                    handshake: Handshake(configuration, connectionName: "test", needsMaster: needsMaster),
                    address: address, generation: 3, ready: promise))
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/nowhere")).wait()
        }

        func receive(_ text: String) throws {
            _ = try channel.writeInbound(ByteBuffer(string: text))
        }
    }

    private let info = "# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\n"
    private var infoReply: String { "$\(info.utf8.count)\r\n\(info)\r\n" }

    @Test("log-in, name and INFO go out at once, and the server is known afterwards")
    func success() throws {
        let fixture = try Fixture(password: "pw")
        let request = try #require(try fixture.channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: request).contains("AUTH\r\n$2\r\npw"))
        #expect(String(buffer: request).contains("holdfast-test"))
        try fixture.receive("+OK\r\n+OK\r\n" + infoReply.prefix(20))
        #expect(fixture.recorder.servers.withLock { $0 }.isEmpty)
        try fixture.receive(infoReply.dropFirst(20) + "+later\r\n")
        let server = RedisServer(
            runID: "abc", version: "7.0.15", address: .unix(path: "/nowhere"), generation: 3)
        #expect(try fixture.ready.wait() == server)
        #expect(fixture.recorder.servers.withLock { $0 } == [server])
        #expect(fixture.recorder.replies.withLock { $0 } == [.status("later")])
        _ = try fixture.channel.finish()
        #expect(fixture.recorder.ends.withLock { $0.map(\.code) } == [.unavailable])
    }

    @Test(
        "refusals of the log-in are denied for good",
        arguments: [
            "-WRONGPASS invalid username-password pair or user is disabled.",
            "-ERR AUTH <password> called without any password configured for the default user.",
        ])
    func denied(line: String) throws {
        let fixture = try Fixture(password: "pw")
        try fixture.receive("\(line)\r\n-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n")
        let error = #expect(throws: RedisError.self) { try fixture.ready.wait() }
        #expect(error?.code == .denied)
        #expect(fixture.recorder.ends.withLock { $0 }.isEmpty)
    }

    @Test("an attempt that was given up never opens, however late its replies come")
    func givenUp() throws {
        let fixture = try Fixture()
        fixture.promise.fail(RedisError(.unavailable, "too late"))
        #expect(!fixture.channel.isActive)
        try? fixture.receive("+OK\r\n" + infoReply)
        #expect(fixture.recorder.servers.withLock { $0 }.isEmpty)
        _ = try? fixture.channel.finish()
        #expect(fixture.recorder.ends.withLock { $0 }.isEmpty)
    }

    @Test("a connection that is ready only after the client has ended is closed, and later calls still fail at once")
    func lateOpening() async throws {
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(unixDomainSocketPath: "/nowhere"))
        let server = RedisServer(
            runID: "abc", version: "7.0.15", address: .unix(path: "/nowhere"), generation: 1)
        let lane = RedisConnection(
            name: "session", place: "nowhere",
            configuration: RedisConfiguration(address: .unix(path: "/nowhere")), eventLoop: channel.eventLoop
        ) { _ in }
        lane.shutDown()
        try await channel.eventLoop.submit { lane.opened(channel, server: server) }.get()
        await channel.testingEventLoop.run()
        #expect(!channel.isActive)
        let command = RedisCommand.plain(["PING"])
        let reply = await lane.send(
            command, length: command.maximumLength, deadline: .now() + .seconds(30), timeout: .seconds(30))
        guard case .failure(let error) = reply else {
            Issue.record("a command was answered")
            return
        }
        #expect(error.code == .closed)
    }

    @Test("where a master is needed, the role is asked for, and a replica is no success")
    func role() throws {
        let master = try Fixture(needsMaster: true)
        let request = try #require(try master.channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: request).contains("ROLE"))
        try master.receive("+OK\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n" + infoReply)
        #expect(try master.ready.wait().runID == "abc")
        let replica = try Fixture(needsMaster: true)
        try replica.receive("+OK\r\n*2\r\n$5\r\nslave\r\n$4\r\nhost\r\n" + infoReply)
        let error = #expect(throws: RedisError.self) { try replica.ready.wait() }
        #expect(error?.code == .unavailable)
        #expect(replica.recorder.servers.withLock { $0 }.isEmpty)
    }

    @Test("the one error of a full server is passed on")
    func fullServer() throws {
        let fixture = try Fixture()
        try fixture.receive("-ERR max number of clients reached\r\n")
        _ = try? fixture.channel.finish()
        let error = #expect(throws: RedisError.self) { try fixture.ready.wait() }
        #expect(error?.serverError?.text == "ERR max number of clients reached")
    }

    @Test("a far end that is no Redis is recognised", arguments: ["HTTP/1.1 400 Bad\r\n\r\n", "+OK\r\n+OK\r\n"])
    func strangers(text: String) throws {
        let fixture = try Fixture()
        try fixture.receive(text)
        let error = #expect(throws: RedisError.self) { try fixture.ready.wait() }
        #expect(error?.code == .protocolViolation)
    }
}
