import ArgumentParser
import HoldfastCoordination
import HoldfastMemoryStore
import HoldfastProfiles
import HoldfastRedis
import HoldfastStorage
import HoldfastWorlds

extension CommandError {
    /// Gives any error of the libraries its word and exit code.
    init(_ error: any Error, key: String? = nil) {
        switch error {
        case let error as CommandError: self = key.map { error.on(key: $0) } ?? error
        case let error as ProfileError: self.init(error, key: key)
        case let error as StoreError:
            self.init(store: error.code.description, error.message, key: key, isRetriable: error.isRetriable)
        case let error as CoordinationError:
            self.init(store: error.code.description, error.message, key: key, isRetriable: error.isRetriable)
        case let error as MemoryStoreError:
            self.init(
                store: error.code.description, error.message, key: key, isRetriable: error.isRetriable,
                exitCode: error.code == .exhausted ? .failed : nil)
        case let error as RedisError:
            self.init(store: error.code.description, error.message, key: key, isRetriable: error.isRetriable)
        case let error as WorldError:
            self.init(store: error.code.description, error.message, key: key, isRetriable: false)
        case is CancellationError: self.init(.deadline, "the call was abandoned", key: key)
        default: self.init(.internalError, "unexpected failure: \(error)", key: key)
        }
    }

    /// The libraries spell their codes as this command does; those that it has no word for are named here.
    private init(
        store code: String, _ message: String, key: String?, isRetriable: Bool, exitCode: ExitStatus? = nil
    ) {
        let word = Code(rawValue: code) ?? Self.words[code] ?? .internalError
        self.init(
            word, message, advice: Self.advices[code] ?? Self.advice(word), key: key, isRetriable: isRetriable,
            exitCode: exitCode)
    }

    private init(_ error: ProfileError, key: String?) {
        let word = Code(rawValue: error.code.description) ?? Self.words[error.code.description] ?? .internalError
        self.init(
            word, error.message, advice: Self.advice(word), key: key ?? error.record?.key.description,
            isRetriable: error.isRetriable, exitCode: error.code == .drainIncomplete ? .failed : nil)
    }

    private static let words: [String: Code] = [
        "busy": .held, "ended": .fenced, "storeRestored": .fenced, "notReady": .unavailable, "closed": .unavailable,
        "shuttingDown": .unavailable, "drainIncomplete": .deadline, "cancelled": .deadline,
        "misconfigured": .usage, "conflict": .fenced, "full": .held, "needsStore": .usage,
        "dropped": .held, "rebuilding": .unavailable, "notOpen": .held, "exhausted": .held,
        "wrongSize": .badInput, "badRuns": .badInput, "outOfRange": .badInput, "tooLarge": .badInput,
        "tooManyChanges": .badInput, "newerFormat": .newerSchema,
    ]

    /// What to do about codes for which the advice of their word is wrong.
    private static let advices = [
        "rebuilding": "try again in a moment", "full": "try again when there is room",
        "exhausted": "it has no more tries in this season", "notOpen": "",
    ]

    private static func advice(_ code: Code) -> String {
        switch code {
        case .held: "try again later"
        case .wrongDeployment: "check --redis, --store and --deployment"
        case .newerSchema: "use a newer holdfast"
        case .denied: "check permissions, user and password"
        case .unavailable: "check the address and that it runs"
        case .outcomeUnknown: "look at the record before trying again"
        case .corrupt: "the stored bytes were left as they are"
        case .diskFull: "free some space and try again"
        default: ""
        }
    }
}
