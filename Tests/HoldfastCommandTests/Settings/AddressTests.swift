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
        "Sentinel and Cluster addresses are read",
        arguments: [
            (
                "redis-sentinel://a:1,b/main",
                RedisAddress.sentinel(
                    hosts: [.init(name: "a", port: 1), .init(name: "b", port: 26_379)], name: "main", user: nil,
                    tls: false)
            ),
            (
                "rediss-sentinel://game@[::1]:7/my%2Bmain",
                .sentinel(hosts: [.init(name: "::1", port: 7)], name: "my+main", user: "game", tls: true)
            ),
            (
                "redis-cluster://game@a:1,b:2,c",
                .cluster(
                    hosts: [.init(name: "a", port: 1), .init(name: "b", port: 2), .init(name: "c", port: 6_379)],
                    user: "game", tls: false)
            ),
            ("rediss-cluster://a/0", .cluster(hosts: [.init(name: "a", port: 6_379)], user: nil, tls: true)),
        ])
    func several(text: String, address: RedisAddress) throws {
        #expect(try RedisAddress(text) == address)
    }

    @Test(
        "an address is written so that it is read again",
        arguments: [
            "embedded", "redis://a%40b@cache:1", "rediss://[::1]:7000", "redis+unix:///run/redis.sock",
            "redis-sentinel://a:1,b:2/main", "rediss-sentinel://game@[::1]:7/my%2Bmain", "redis-cluster://game@a:1,b:2",
            "rediss-cluster://a:1",
        ])
    func written(text: String) throws {
        #expect(try RedisAddress(text).description == text)
    }

    @Test(
        "other Sentinel and Cluster addresses are refused",
        arguments: [
            "redis-sentinel://", "redis-sentinel:///main", "redis-sentinel://a:1", "redis-sentinel://a:1/",
            "redis-sentinel://a:1,/main", "redis-sentinel://a:1,a:1/main", "redis-sentinel://a:1,u@b:2/main",
            "redis-sentinel://a:1/%00", "redis-cluster://", "redis-cluster://,a:1", "redis-cluster://a:1,a:1",
            "redis-cluster://a:1/3", "redis-cluster://a:0", "redis-cluster://u:secret@a:1", "redis-clusters://a:1",
        ])
    func badSeveral(text: String) {
        let error = #expect(throws: AddressError.self) { try RedisAddress(text) }
        #expect(error?.message.contains("secret") == false)
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
