import ArgumentParser
import HoldfastStorage

/// The two arguments that name a record.
struct RecordArgument: ParsableArguments {
    @Argument(help: "The collection.")
    var collection: String

    @Argument(help: "The key inside the collection.")
    var key: String

    /// The checked name.
    ///
    /// - Throws: ``CommandError`` with code `badInput`.
    var id: RecordID {
        get throws {
            do {
                return RecordID(collection: try CollectionName(collection), key: try Key(key))
            } catch {
                throw CommandError(error, key: key)
            }
        }
    }
}
