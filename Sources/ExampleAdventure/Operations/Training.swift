import Holdfast

/// Lessons that are given one by one: what each has changed is on disk before the next one begins.
struct Training: SteppedOperation {
    static let name = "training"

    /// Those that are still to be given.
    var lessons: Int

    mutating func step(_ player: inout Player) throws -> OperationStep {
        player.character.stats.strength += 1
        lessons -= 1
        return lessons > 0 ? .again() : .done
    }
}
