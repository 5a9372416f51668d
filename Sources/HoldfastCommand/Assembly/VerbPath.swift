import ArgumentParser

/// The words that name a verb, looked up before anything is made of the flags behind them.
enum VerbPath {
    /// The words that name a verb, `profile put` for example; nil for one that is not among them.
    static func name(of verb: any ParsableCommand.Type, in root: any ParsableCommand.Type = MainCommand.self) -> String?
    {
        for choice in root.configuration.subcommands {
            guard let word = choice.configuration.commandName else { continue }
            if choice == verb { return word }
            if let rest = name(of: verb, in: choice) { return "\(word) \(rest)" }
        }
        return nil
    }

    /// What is wrong with the words before the first flag, where the parser would only stumble over that flag;
    /// nil where they name a verb.
    static func problem(in arguments: [String], of root: any ParsableCommand.Type = MainCommand.self) -> String? {
        var command = root
        var names: [String] = []
        for word in arguments {
            let choices = command.configuration.subcommands
            guard !choices.isEmpty else { return nil }
            if names.isEmpty, word == "help" { return nil }
            let place = names.isEmpty ? "" : " in \(names.joined(separator: " "))"
            guard !word.hasPrefix("-") else {
                return "the verb\(place) is missing; flags such as \(word) follow it"
            }
            guard let choice = choices.first(where: { $0.configuration.commandName == word }) else {
                return "there is no verb \(word)\(place)"
            }
            names.append(word)
            command = choice
        }
        return nil
    }
}
