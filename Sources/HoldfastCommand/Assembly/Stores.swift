import Glibc
import HoldfastPostgres
import HoldfastSQLite
import HoldfastStorage
import Logging

/// Opens the durable store that the settings name.
enum Stores {
    /// Opens it without reading anything yet.
    ///
    /// - Throws: ``CommandError``; `notFound` for a file that is not there and that the verb does not create;
    ///   `memory:` is refused, since a verb that ends with its process would show an empty store.
    static func open(_ invocation: Invocation) throws -> any DurableStore {
        let settings = invocation.settings
        switch settings.store {
        case .sqlite(let path):
            if !invocation.createsStore {
                try requireFile(path)
            } else if settings.shown[.store]?.source == .byDefault {
                try DataFolder(path: settings.requiredDataDirectory()).prepare()
            }
            do {
                return try SQLiteStore(path: path, deployment: settings.deployment)
            } catch {
                guard error.code == .notFound else { throw error }
                throw CommandError(
                    .notFound, "the folder of \(path) does not exist", advice: "create it or change --store",
                    exitCode: .cannotCreate)
            }
        case .postgres(let url):
            return try PostgresStore(
                url: url, password: settings.storePassword, deployment: settings.deployment,
                logger: invocation.connectionLogger)
        case .memory:
            throw CommandError.configuration(
                "memory: lives in one process only; this verb needs sqlite:PATH or postgres://…")
        }
    }

    /// SQLite would make the file.
    private static func requireFile(_ path: String) throws(CommandError) {
        guard access(path, F_OK) != 0, errno == ENOENT || errno == ENOTDIR else { return }
        throw CommandError(
            .notFound, "there is no store \(path) yet", advice: "check --store and --data-dir, or run holdfast migrate")
    }

    /// Reads the deployment.
    ///
    /// The private pair of the default settings is created by its first use that writes, with the deployment of that
    /// use; any other must have been migrated.
    static func deployment(of store: any DurableStore, _ invocation: Invocation) async throws -> Deployment {
        let settings = invocation.settings
        let deployment: Deployment
        if let existing = try await existing(in: store) {
            deployment = existing
        } else {
            deployment = try await created(in: store, invocation)
        }
        if settings.hasExplicitTimings, deployment.timings != settings.timings {
            throw CommandError.configuration(
                "lease, renew and beat differ from those of the deployment (\(text(deployment.timings))); "
                    + "use the same, or leave them out")
        }
        return deployment
    }

    /// Reads the deployment as it is stored; nil where it was never migrated.
    ///
    /// - Throws: `StoreError`; a database that is not there is `notFound`, which no migration mends.
    static func existing(in store: any DurableStore) async throws(StoreError) -> Deployment? {
        do {
            return try await store.deployment()
        } catch {
            guard error.code == .wrongDeployment else { throw error }
            return nil
        }
    }

    /// Creates the deployment in a private store that has none yet; a name that another deployment's store does
    /// not know is a typing error.
    private static func created(in store: any DurableStore, _ invocation: Invocation) async throws -> Deployment {
        let settings = invocation.settings
        let missing = CommandError(
            .wrongDeployment,
            "the store \(settings.store) has no deployment \(settings.deployment); "
                + "check --deployment or run holdfast migrate")
        guard settings.isEmbedded, invocation.createsStore else { throw missing }
        do {
            // Layout and first deployment are created together: it answers only where there is one.
            _ = try await store.status()
        } catch {
            guard error.code == .wrongDeployment else { throw error }
            return try await store.migrate(settings.timings)
        }
        // Another process may have created it a moment ago.
        guard let existing = try await existing(in: store) else { throw missing }
        return existing
    }

    /// Opens the store for the time of `body` and closes it afterwards.
    static func with<Result: Sendable>(
        _ invocation: Invocation, _ body: (any DurableStore, Deployment) async throws -> Result
    ) async throws -> Result {
        let store = try open(invocation)
        do {
            let deployment = try await deployment(of: store, invocation)
            try await invocation.audit?.begin(in: store)
            let result = try await body(store, deployment)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    /// The three timings as flags spell them.
    static func text(_ timings: DeploymentTimings) -> String {
        func text(_ millis: Int64) -> String { DurationText.format(.milliseconds(millis)) }
        return
            "lease \(text(timings.leaseMillis)), renew \(text(timings.renewMillis)), beat \(text(timings.beatMillis))"
    }
}
