import Foundation
import TestServers
import Testing

@testable import HoldfastCommand

@Suite struct SettingsTests {
    private func resolve(
        _ arguments: [String] = [], environment: [String: String] = ["HOME": "/home/x"]
    ) async throws -> Settings {
        try await Settings.resolve(try GlobalOptions.parse(arguments), environment: environment)
    }

    private func file(_ text: String, in folder: TemporaryFolder, _ name: String = "file") throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
        return folder.file(name)
    }

    @Test("without anything given the defaults hold")
    func defaults() async throws {
        let settings = try await resolve()
        #expect(settings.redis == .embedded)
        #expect(settings.store == .sqlite(path: "/home/x/.local/share/holdfast/holdfast.sqlite"))
        #expect(settings.deployment == "holdfast")
        #expect(settings.timings.leaseMillis == 30_000)
        #expect(settings.autosave == .seconds(60))
        #expect(settings.timeout == .seconds(10))
        #expect(settings.logLevel == .notice)
        #expect(settings.isEmbedded && !settings.hasExplicitTimings)
        #expect(!settings.traces)
    }

    @Test("a trace is asked for by flag, environment or file, and nothing but true and false is understood")
    func trace() async throws {
        #expect(try await resolve(["--trace"]).traces)
        #expect(try await resolve(environment: ["HOME": "/h", "HOLDFAST_TRACE": "1"]).traces)
        #expect(try await resolve(environment: ["HOME": "/h", "HOLDFAST_TRACE": "false"]).traces == false)
        await #expect(throws: CommandError.self) {
            _ = try await resolve(environment: ["HOME": "/h", "HOLDFAST_TRACE": "loud"])
        }
    }

    @Test("a flag is stronger than the environment, and that than the config file")
    func precedence() async throws {
        let folder = try TemporaryFolder()
        let config = try file(
            #"{"deployment":"from-file","lease":"90s","renew":"9s","dataDir":"/from/file"}"#, in: folder)
        let environment = [
            "HOLDFAST_DEPLOYMENT": "from-environment", "HOLDFAST_RENEW": "8s", "HOLDFAST_CONFIG": config,
        ]
        let settings = try await resolve(["--deployment", "from-flag"], environment: environment)
        #expect(settings.deployment == "from-flag")
        #expect(settings.timings.renewMillis == 8_000)
        #expect(settings.timings.leaseMillis == 90_000)
        #expect(settings.dataDirectory == "/from/file")
        #expect(settings.shown[.deployment]?.source == .flag)
        #expect(settings.shown[.renew]?.source == .environment)
        #expect(settings.shown[.lease]?.source == .file)
        #expect(settings.shown[.beat]?.source == .byDefault)
        #expect(settings.hasExplicitTimings)
    }

    @Test("a password comes from the environment or from a file, without its line end")
    func secrets() async throws {
        let folder = try TemporaryFolder()
        let path = try file("s3cret\n", in: folder)
        let direct = try await resolve(environment: ["HOME": "/h", "HOLDFAST_REDIS_PASSWORD": "abc"])
        #expect(direct.redisPassword == "abc")
        let fromFile = try await resolve(environment: ["HOME": "/h", "HOLDFAST_STORE_PASSWORD_FILE": path])
        #expect(fromFile.storePassword == "s3cret")
    }

    @Test(
        "a bad flag is a usage error, a bad value from elsewhere a configuration error",
        arguments: [
            ("--redis", "HOLDFAST_REDIS", "nonsense"), ("--store", "HOLDFAST_STORE", "nonsense"),
            ("--lease", "HOLDFAST_LEASE", "soon"), ("--timeout", "HOLDFAST_TIMEOUT", "0s"),
            ("--renew", "HOLDFAST_RENEW", "16s"), ("--log-level", "HOLDFAST_LOG_LEVEL", "loud"),
            ("--deployment", "HOLDFAST_DEPLOYMENT", "a b"),
        ])
    func invalid(flag: String, variable: String, value: String) async throws {
        let usage = await #expect(throws: CommandError.self) { try await resolve([flag, value]) }
        #expect(usage?.exitStatus == .usage)
        #expect(usage?.message.contains(flag) == true)
        let configuration = await #expect(throws: CommandError.self) {
            try await resolve(environment: ["HOME": "/h", variable: value])
        }
        #expect(configuration?.exitStatus == .configuration)
        #expect(configuration?.message.contains(variable) == true)
    }

    @Test(
        "a config file that cannot be used is a configuration error",
        arguments: ["", "[]", "{", #"{"redsi":"embedded"}"#, #"{"lease":30}"#, #"{"redisPassword":"x"}"#])
    func badFile(text: String) async throws {
        let folder = try TemporaryFolder()
        let config = try file(text, in: folder)
        let error = await #expect(throws: CommandError.self) { try await resolve(["--config", config]) }
        #expect(error?.exitStatus == .configuration)
    }

    @Test("a config file or a password file that is missing is named")
    func missingFile() async throws {
        let error = await #expect(throws: CommandError.self) { try await resolve(["--config", "/nowhere/x"]) }
        #expect(error?.exitStatus == .configuration)
        #expect(error?.message.contains("/nowhere/x") == true)
        let secret = await #expect(throws: CommandError.self) {
            try await resolve(environment: ["HOME": "/h", "HOLDFAST_REDIS_PASSWORD_FILE": "/nowhere/y"])
        }
        #expect(secret?.exitStatus == .configuration)
    }

    @Test("the Sentinels' password comes from the environment, and goes to them only")
    func sentinelPassword() async throws {
        let settings = try await resolve(
            ["--redis", "rediss-sentinel://game@a:1,b:2/main"],
            environment: [
                "HOME": "/h", "HOLDFAST_SENTINEL_PASSWORD": "of-sentinels", "HOLDFAST_REDIS_PASSWORD": "of-redis",
            ])
        let configuration = settings.redisConfiguration(embedded: nil)
        #expect(
            configuration.topology
                == .sentinel(
                    .init(
                        addresses: [.tcp(host: "a", port: 1), .tcp(host: "b", port: 2)], serviceName: "main",
                        password: "of-sentinels")))
        #expect(configuration.username == "game" && configuration.password == "of-redis" && configuration.tls != nil)
        let sentinels = settings.sentinelConfigurations
        #expect(
            sentinels.map(\.topology) == [.standalone(.tcp(host: "a", port: 1)), .standalone(.tcp(host: "b", port: 2))])
        #expect(sentinels.allSatisfy { $0.username == nil && $0.password == "of-sentinels" && $0.tls != nil })
    }
}
