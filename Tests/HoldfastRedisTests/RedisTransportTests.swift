import HoldfastRedis
import TestServers
import Testing

@Suite("TCP, TLS and cluster mode", .timeLimit(.minutes(1)))
struct RedisTransportTests {
    @Test("commands go over TCP, by address and by name", arguments: ["127.0.0.1", "localhost"])
    func tcp(host: String) async throws {
        var options = PrivateRedis.Options()
        options.tcp = true
        let redis = try await PrivateRedis.start(options)
        let port = try #require(redis.port)
        try await withClient(RedisConfiguration(address: .tcp(host: host, port: port))) { client in
            let echo = try await client.command(["ECHO", "tcp"])
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
        var configuration = RedisConfiguration(address: .tcp(host: host, port: try #require(redis.tlsPort)))
        configuration.tls = RedisTLS(authorityFile: certificate.authority)
        let value = [UInt8](repeating: 7, count: 300_000)
        try await withClient(configuration) { client in
            _ = try await client.command(["SET", "k", .bytes(value)])
            #expect(try await client.command(["GET", "k"]).bytes == value)
        }
    }

    @Test("an unknown authority is denied, a missing file is bad input")
    func untrusted() async throws {
        var options = PrivateRedis.Options()
        options.tls = true
        let redis = try await PrivateRedis.start(options)
        let other = try TemporaryFolder()
        var configuration = RedisConfiguration(address: .tcp(host: "localhost", port: try #require(redis.tlsPort)))
        configuration.tls = RedisTLS(authorityFile: try TestCertificate(in: other).authority)
        try await withClient(configuration) { client in
            #expect(await client.failure(of: ["PING"], timeout: .seconds(30))?.code == .denied)
        }
        configuration.tls = RedisTLS(authorityFile: other.file("missing.pem"))
        try await withClient(configuration) { client in
            #expect(await client.failure(of: ["PING"], timeout: .seconds(30))?.code == .badInput)
        }
    }

    @Test("cluster mode refuses keys of different slots")
    func clusterMode() async throws {
        var options = PrivateRedis.Options()
        options.clusterMode = true
        let redis = try await PrivateRedis.start(options)
        try await withClient(redis.configuration) { client in
            let stored = try await client.command(["MSET", "{a}1", "x", "{a}2", "y"])
            #expect(stored.string == "OK")
            #expect(await client.failure(of: ["MSET", "a", "x", "b", "y"])?.serverError?.prefix == "CROSSSLOT")
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
