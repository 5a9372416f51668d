import ArgumentParser
import HoldfastCoordination
import HoldfastStorage
import HoldfastWorlds

struct WorldInfoVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Tell what a world is called, how large it is and who holds it.",
        discussion: """
            As last saved, read without a lock. Damaged chunks are named, and their chests not counted. Example: \
            holdfast world info 42 --world sky
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var argument: WorldArgument

    var createsStore: Bool { false }

    func perform(_ invocation: Invocation) async throws {
        let id = try argument.id
        let (found, lease) = try await Backends.with(invocation) { backends, _ in
            do {
                return (
                    try await WorldReader(backends.store).world(id),
                    try await backends.coordination.inspect(try id.record)
                )
            } catch {
                throw CommandError(error, key: id.description)
            }
        }
        guard let found else { throw CommandError(.notFound, "there is no such world", key: id.description) }
        let (chests, damage) = countChests(found)
        let document = try description(found, chests: chests, lease)
        try invocation.output.print(document) {
            let name = found.world.name.isEmpty ? id.description : found.world.name
            let holder = lease.map { "held by \($0.owner.server)" } ?? "free"
            return TerminalText.escaped(
                "\(name): version \(found.version), \(found.world.chunkPositions.count) chunks, "
                    + "\(found.storedBytes) B, saved \(Timestamp.text(millis: found.savedAtMillis)), \(holder)")
        }
        for error in damage { Output.complain(error.line) }
        guard damage.isEmpty else { throw ExitCode(ExitStatus.badInput.rawValue) }
    }

    private func countChests(_ found: WorldSnapshot) -> (chests: Int, damage: [CommandError]) {
        var chests = 0
        var damage: [CommandError] = []
        for position in found.world.chunkPositions {
            do {
                chests += try found.world.chunk(at: position).chests.count
            } catch {
                damage.append(CommandError(error, key: found.id.description))
            }
        }
        return (chests, damage)
    }

    private func description(
        _ found: WorldSnapshot, chests: Int, _ lease: LeaseDescription?
    ) throws -> OutputValue {
        let world = found.world
        return [
            "owner": .string(found.id.owner), "ownerName": .string(world.ownerName), "world": .string(found.id.name),
            "name": .string(world.name), "description": .string(world.description), "seed": .integer(world.seed),
            "version": .integer(found.version), "chunks": .integer(Int64(world.chunkPositions.count)),
            "chests": .integer(Int64(chests)), "storedBytes": .integer(Int64(found.storedBytes)),
            "createdAt": .time(world.createdAtMillis), "savedAt": .time(found.savedAtMillis),
            "lease": lease.map { lease in
                [
                    "server": .string(lease.owner.server), "boot": .string(lease.owner.boot.description),
                    "since": .time(lease.sinceMillis), "remainingMillis": .integer(lease.remaining.wholeMillis),
                    "token": .integer(lease.token),
                ]
            } ?? .null,
            "metadata": .raw(try CanonicalJSON.write(world.metadata)),
        ]
    }
}
