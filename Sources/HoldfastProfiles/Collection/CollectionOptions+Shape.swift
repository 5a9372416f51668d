public import HoldfastStorage

/// A place of a document that breaks a rule of its collection.
public struct InvalidField: Error, Equatable, CustomStringConvertible {
    /// Where.
    public let path: DocumentPath
    /// What is wrong there, in one sentence without the player's data.
    public let message: String

    /// Names the place and the rule it breaks.
    public init(_ path: DocumentPath, _ message: String) {
        self.path = path
        self.message = message
    }

    /// `path: message`.
    public var description: String { "\(path): \(message)" }
}

extension CollectionOptions {
    /// Adds a rule that every document satisfies: what a load finds broken is refused as `corrupt` and left as it is,
    /// and a change that would break it is undone and refused as `badInput`.
    ///
    /// It is asked after each load and migration and after each edit, transaction and hook, so it has to be quick.
    ///
    /// - Parameter rule: Throws where the document breaks it, ``InvalidField`` to name the place.
    public mutating func validate(_ rule: @escaping @Sendable (Document) throws -> Void) {
        rules.append(rule)
    }

    /// Adds the step that turns data from before the library, which was imported with schema 0, into schema 1.
    ///
    /// - Throws: ``ProfileError`` with code `badInput` when there is such a step already.
    public mutating func adopt(_ step: @escaping @Sendable (inout JSONValue) throws -> Void) throws(ProfileError) {
        guard !migrations.contains(where: { $0.schema == 1 }) else {
            throw ProfileError(.badInput, "there is a step from schema 0 already")
        }
        migrations.insert(Migration(schema: 1, migrate: step), at: 0)
    }

    /// Takes every step from a schema to the newest one, in order and none left out.
    func migrated(_ document: JSONValue, from oldSchema: Int) throws(FailedMigration) -> JSONValue {
        var document = document
        for next in stride(from: oldSchema + 1, through: schema, by: 1) {
            guard let step = migrations.first(where: { $0.schema == next }) else {
                throw FailedMigration(schema: next, cause: nil)
            }
            do {
                try step.migrate(&document)
            } catch {
                throw FailedMigration(schema: next, cause: error)
            }
        }
        return document
    }
}
