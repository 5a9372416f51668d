import ArgumentParser
import HoldfastStorage
import HoldfastWorlds

/// The argument and the option that name a world.
struct WorldArgument: ParsableArguments {
    @Argument(help: "The player who owns the world.")
    var owner: String

    @Option(help: ArgumentHelp("Which of the owner's worlds.", valueName: "name"))
    var world = WorldID.mainName

    /// The checked name.
    ///
    /// - Throws: ``CommandError`` with code `badInput`.
    var id: WorldID {
        get throws {
            do {
                return try WorldID(owner: owner, name: world)
            } catch {
                throw CommandError(error, key: "\(owner):\(world)")
            }
        }
    }
}

extension WorldID {
    /// The world's record.
    var record: RecordID {
        get throws { RecordID(collection: try CollectionName(WorldStore.collectionName), key: key) }
    }
}
