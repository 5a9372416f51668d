import ArgumentParser

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the settings.",
        discussion: "Example: holdfast config show", subcommands: [ConfigShowVerb.self])
}

struct ConfigShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print every setting, its value and where it comes from. Secrets are masked.",
        discussion: "Example: holdfast config show --config holdfast.json")

    @OptionGroup var global: GlobalOptions

    func perform(_ invocation: Invocation) async throws {
        let shown = SettingName.allCases.compactMap { name in
            invocation.settings.shown[name].map { (name, name.isSecret ? "********" : $0.text, $0.source.rawValue) }
        }
        guard !invocation.output.json else {
            let values = shown.map { OutputValue.Field(name: $0.0.rawValue, value: .string($0.1)) }
            let sources = shown.map { OutputValue.Field(name: $0.0.rawValue, value: .string($0.2)) }
            return try invocation.output.print(
                .object(values + [OutputValue.Field(name: "sources", value: .object(sources))]))
        }
        var table = Table("SETTING", "VALUE", "FROM")
        for (name, text, source) in shown { table.add(name.rawValue, text, source) }
        try invocation.output.print(table.text)
    }
}
