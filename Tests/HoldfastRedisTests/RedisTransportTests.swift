import TestServers
import Testing

@testable import HoldfastRedis

@Suite("TCP, TLS and cluster mode", .timeLimit(.minutes(10)))
struct RedisTransportTests {
    @Test("commands go over TCP, by address and by name", arguments: ["127.0.0.1", "localhost"])
    func tcp(host: String) async throws {
        var options = PrivateRedis.Options()
        options.tcp = true
        let redis = try await PrivateRedis.start(options)
        let port = try #require(redis.port)
        try await withClient(redis.configuration(.standalone(.tcp(host: host, port: port)))) { client in
            let echo = try await client.command(["PING", "tcp"])
            #expect(echo.string == "tcp")
        }
    }

    @Test(
        "commands go over TLS, with the certificate verified by name and by address",
        arguments: ["localhost", "127.0.0.1"])
    func tls(host: String) async throws {
        var options = PrivateRedis.Options()
        options.tls = true
        let redis = try await PrivateRedis.start(options)
        let certificate = try #require(redis.certificate)
        var configuration = redis.configuration(.standalone(.tcp(host: host, port: try #require(redis.tlsPort))))
        configuration.tls = RedisTLS(authorityFile: certificate.authority)
        let value = [UInt8](repeating: 7, count: 300_000)
        try await withClient(configuration) { client in
            _ = try await client.command(["SET", "hf1:k", .bytes(value)])
            #expect(try await client.command(["GET", "hf1:k"]).bytes == value)
        }
    }

    @Test("an unknown authority is denied, a missing file is bad input")
    func untrusted() async throws {
        var options = PrivateRedis.Options()
        options.tls = true
        let redis = try await PrivateRedis.start(options)
        let other = try TemporaryFolder()
        var configuration = redis.configuration(
            .standalone(.tcp(host: "localhost", port: try #require(redis.tlsPort))))
        configuration.tls = RedisTLS(authorityFile: try TestCertificate(in: other).authority)
        try await withClient(configuration) { client in
            #expect(await client.failure(of: ["PING"], timeout: .seconds(30))?.code == .denied)
        }
        configuration.tls = RedisTLS(authorityFile: other.file("missing.pem"))
        try await withClient(configuration) { client in
            #expect(await client.failure(of: ["PING"], timeout: .seconds(30))?.code == .badInput)
        }
    }

    /// A server that demands a client's certificate, and settings that reach it without one.
    private func demanding() async throws -> (redis: PrivateRedis, files: TestCertificate, RedisConfiguration) {
        var options = PrivateRedis.Options()
        options.tls = true
        options.arguments = ["--tls-auth-clients", "yes"]
        let redis = try await PrivateRedis.start(options)
        let files = try #require(redis.certificate)
        var configuration = redis.configuration(
            .standalone(.tcp(host: "localhost", port: try #require(redis.tlsPort))))
        configuration.tls = RedisTLS(authorityFile: files.authority)
        return (redis, files, configuration)
    }

    @Test("a server that demands a certificate gets the client's")
    func clientCertificate() async throws {
        var (redis, files, configuration) = try await demanding()
        configuration.tls?.certificateFile = files.clientCertificate
        configuration.tls?.keyFile = files.clientKey
        try await withClient(configuration) { client in
            let echo = try await client.command(["PING", "mutual"])
            #expect(echo.string == "mutual")
        }
        withExtendedLifetime(redis) {}
    }

    @Test("a missing client certificate and one of another authority are denied at once")
    func refusedClientCertificate() async throws {
        var (redis, _, configuration) = try await demanding()
        try await withClient(configuration) { client in
            let error = await client.failure(of: ["PING"], timeout: .seconds(30))
            #expect(error?.code == .denied, "\(error.map { "\($0)" } ?? "")")
        }
        let other = try TemporaryFolder()
        let foreign = try TestCertificate(in: other)
        configuration.tls?.certificateFile = foreign.clientCertificate
        configuration.tls?.keyFile = foreign.clientKey
        try await withClient(configuration) { client in
            let error = await client.failure(of: ["PING"], timeout: .seconds(30))
            #expect(error?.code == .denied, "\(error.map { "\($0)" } ?? "")")
        }
        withExtendedLifetime((redis, other)) {}
    }

    @Test("a client certificate without its own key is bad input")
    func foreignKey() async throws {
        var (redis, files, configuration) = try await demanding()
        for key in [files.key, nil] {
            configuration.tls?.certificateFile = files.clientCertificate
            configuration.tls?.keyFile = key
            try await withClient(configuration) { client in
                let error = await client.failure(of: ["PING"], timeout: .seconds(30))
                #expect(error?.code == .badInput, "\(error.map { "\($0)" } ?? "")")
            }
        }
        withExtendedLifetime(redis) {}
    }

    @Test("a far end that hangs up during the TLS handshake is away, not refused")
    func hangUp() async throws {
        var options = PrivateRedis.Options()
        options.tls = true
        let redis = try await PrivateRedis.start(options)
        // Nobody listens behind the relay, which then closes what it has accepted.
        let relay = try SilentRelay(to: try LoopbackPort.free())
        var configuration = redis.configuration(.standalone(.tcp(host: "localhost", port: relay.port)))
        configuration.tls = RedisTLS(authorityFile: redis.certificate?.authority)
        let settings = configuration
        try await relay.relaying {
            try await withClient(settings) { client in
                #expect(await client.failure(of: ["PING"], timeout: .seconds(1))?.code == .deadline)
            }
        }
    }

    @Test("cluster mode refuses keys of different slots")
    func clusterMode() async throws {
        var options = PrivateRedis.Options()
        options.clusterMode = true
        let redis = try await PrivateRedis.start(options)
        // A client that takes it for one server.
        try await withClient(redis.configuration(.standalone(.unix(path: redis.socketPath)))) { client in
            let removed = try await client.command(["UNLINK", "hf1:{a}1", "hf1:{a}2"])
            #expect(removed == .integer(0))
            #expect(await client.failure(of: ["UNLINK", "hf1:a", "hf1:b"])?.serverError?.prefix == "CROSSSLOT")
        }
    }

    @Test("a cluster over TLS: its nodes tell their TLS ports")
    func clusterOverTLS() async throws {
        var options = PrivateRedis.Options()
        options.clusterMode = true
        options.tls = true
        options.arguments = ["--tls-cluster", "yes"]
        let redis = try await PrivateRedis.start(options)
        let port = try #require(redis.tlsPort)
        var configuration = redis.configuration(.cluster(seeds: [.tcp(host: "localhost", port: port)]))
        configuration.tls = RedisTLS(authorityFile: try #require(redis.certificate).authority)
        try await withClient(configuration) { client in
            _ = try await client.command(["SET", "hf1:k", "v"])
            #expect(try await client.command(["GET", "hf1:k"]).string == "v")
            #expect(client.node(for: Array("hf1:k".utf8))?.address == .tcp(host: "localhost", port: port))
        }
        configuration.tls = nil
        try await withClient(configuration) { client in
            #expect(await client.failure(of: ["GET", "hf1:k"], timeout: .milliseconds(500))?.code == .deadline)
        }
    }

    @Test("an append-only file keeps the data over kill -9")
    func persistence() async throws {
        var options = PrivateRedis.Options()
        options.appendOnly = true
        let redis = try await PrivateRedis.start(options)
        try redis.command("SET", "k", "v")
        try await redis.restart()
        #expect(try redis.command("GET", "k") == "v")
        try redis.flushAll()
        #expect(try redis.command("EXISTS", "k") == "0")
    }
}
