// One import for a game server: coordination, profiles, the Redis client and the storage protocol.
// A store's backend is its own import: HoldfastSQLite or HoldfastPostgres.
@_exported import HoldfastCoordination
@_exported import HoldfastMemoryStore
@_exported import HoldfastProfiles
@_exported import HoldfastRedis
@_exported import HoldfastReplication
@_exported import HoldfastStorage
@_exported import HoldfastWorlds
