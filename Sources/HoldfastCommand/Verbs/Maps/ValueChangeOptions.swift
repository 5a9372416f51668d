import ArgumentParser
import HoldfastStorage

/// The ways to say what `update` does: `--add`, `--merge`, or `--from` with `--to`.
struct ValueChangeOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Add to the number that is stored, 0 where nothing is.", valueName: "number"))
    var add: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Merge into the object that is stored (RFC 7396: null removes).", valueName: "json"))
    var merge: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only if the stored value is exactly this one; needs --to.", valueName: "json"))
    var from: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("What replaces the value of --from.", valueName: "json"))
    var to: String?

    var change: ValueChange {
        get throws {
            switch (add, merge, from, to) {
            case (let add?, nil, nil, nil):
                let amount = try MapValue.parse(add, "--add")
                switch amount {
                case .integer, .unsigned, .double: return .add(amount)
                default: throw CommandError(.badInput, "--add takes a number, not \(amount.kind)")
                }
            case (nil, let merge?, nil, nil): return .merge(try MapValue.parse(merge, "--merge"))
            case (nil, nil, let from?, let to?):
                return .replace(from: try MapValue.parse(from, "--from"), to: try MapValue.parse(to, "--to"))
            default:
                throw CommandError.usage("give one of --add NUMBER, --merge JSON, or --from JSON with --to JSON")
            }
        }
    }
}
