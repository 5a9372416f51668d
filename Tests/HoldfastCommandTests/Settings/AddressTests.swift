import Testing

@testable import HoldfastCommand

@Suite struct AddressTests {
    @Test(
        "every form of a Redis address is read",
        arguments: [
            ("embedded", RedisAddress.embedded),
            ("redis://cache:6379", .tcp(host: "cache", port: 6_379, user: nil, tls: false)),
            ("redis://cache", .tcp(host: "cache", port: 6_379, user: nil, tls: false)),
            ("redis://game@10.0.0.1:7000/0", .tcp(host: "10.0.0.1", port: 7_000, user: "game", tls: false)),
            ("rediss://[::1]:7000/", .tcp(host: "::1", port: 7_000, user: nil, tls: true)),
            ("redis://a%40b@cache:1", .tcp(host: "cache", port: 1, user: "a@b", tls: false)),
            ("redis+unix:///run/redis.sock", .unixSocket(path: "/run/redis.sock")),
        ])
    func redis(text: String, address: RedisAddress) throws {
        #expect(try RedisAddress(text) == address)
    }

    @Test(
        "other Redis addresses are refused",
        arguments: [
            "", "cache:6379", "http://cache", "redis://", "redis://:6379", "redis://cache:0", "redis://cache:65536",
            "redis://cache:x", "redis://cache:6379/1", "redis://[::1", "redis://[::1]x", "redis+unix://relative",
            "redis+unix:///", "redis://@cache", "redis://%zz@cache", "redis://a b:1",
            "redis+unix:///" + String(repeating: "x", count: 107),
        ])
    func badRedis(text: String) {
        #expect(throws: AddressError.self) { try RedisAddress(text) }
    }

    @Test(
        "Sentinel and Cluster are recognised and named as not yet served",
        arguments: [
            "redis-sentinel://a:1,b:2/main", "rediss-sentinel://a:1/main", "redis-cluster://a:1,b:2",
            "rediss-cluster://a:1",
        ])
    func later(text: String) {
        let error = #expect(throws: AddressError.self) { try RedisAddress(text) }
        #expect(error?.isUnsupported == true)
    }

    @Test(
        "a password in an address is refused without being repeated",
        arguments: ["redis://user:hunter2@cache:6379", "redis://:hunter2@cache:6379"])
    func password(text: String) {
        let error = #expect(throws: AddressError.self) { try RedisAddress(text) }
        #expect(error?.message.contains("HOLDFAST_REDIS_PASSWORD") == true)
        #expect(error?.message.contains("hunter2") == false)
    }

    @Test(
        "every form of a store address is read",
        arguments: [
            ("sqlite:/data/x.sqlite", StoreAddress.sqlite(path: "/data/x.sqlite")),
            ("sqlite:x", .sqlite(path: "x")), ("memory:", .memory),
            (
                "postgres://game@db:5432/game?sslmode=require",
                .postgres(url: "postgres://game@db:5432/game?sslmode=require")
            ),
            (
                "postgres:///game?host=a,b&port=1,2&sslmode=verify-full",
                .postgres(url: "postgres:///game?host=a,b&port=1,2&sslmode=verify-full")
            ),
            ("postgresql:///game?host=/run/pg", .postgres(url: "postgresql:///game?host=/run/pg")),
        ])
    func store(text: String, address: StoreAddress) throws {
        #expect(try StoreAddress(text) == address)
        #expect(try StoreAddress(text).description == text)
    }

    @Test(
        "other store addresses are refused",
        arguments: [
            "", "sqlite:", "sqlite://x", "mysql://x/y", "memory", "postgres://db", "postgres://db/",
            "postgres://user:secret@db/x", "postgres://db/x?password=secret", "postgres://db:x/y",
            "postgres://db/x?nonsense=1", "postgres:///x", "postgres://db/x?sslmode=on", "postgres://db/x?port=no",
            "postgres://db/x?host=a,b&port=1,2,3",
        ])
    func badStore(text: String) {
        let error = #expect(throws: AddressError.self) { try StoreAddress(text) }
        #expect(error?.message.contains("secret") == false)
    }
}
