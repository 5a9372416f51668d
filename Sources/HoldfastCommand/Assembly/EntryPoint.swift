import ArgumentParser
import Dispatch
import Foundation
import Logging

/// Where the process starts and the only place where it ends.
@main
enum EntryPoint {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        let json = wantsJSON(arguments)
        // Swift would replace bytes that are no UTF-8, and two different keys would become one.
        guard CommandLine.unsafeArgv.isUTF8(CommandLine.argc) else {
            exit(report(CommandError.usage("an argument is not UTF-8; keys and names are UTF-8 text"), json: json))
        }
        let command: any ParsableCommand
        do {
            command = try MainCommand.parseAsRoot(arguments)
        } catch {
            exit(report(parser: error, json: json, arguments))
        }
        // Before any task: the keeper needs the main thread for itself.
        if let keeper = command as? KeeperCommand { exit(keep(keeper)) }
        Task.detached { exit(await run(command, json: json)) }
        dispatchMain()
    }

    private static func keep(_ keeper: KeeperCommand) -> Int32 {
        do {
            try keeper.keep()
            return ExitStatus.done.rawValue
        } catch {
            return report(error, json: false)
        }
    }

    private static func run(_ command: any ParsableCommand, json: Bool) async -> Int32 {
        guard let verb = command as? any Verb else {
            // A group without a verb, or help: both end in a message.
            do {
                var command = command
                try command.run()
                return ExitStatus.done.rawValue
            } catch {
                return report(parser: error, json: json)
            }
        }
        do {
            let settings = try await Settings.resolve(
                verb.global, environment: ProcessInfo.processInfo.environment)
            let level = settings.logLevel
            LoggingSystem.bootstrap { label in
                var handler = StreamLogHandler.standardError(label: label)
                handler.logLevel = level
                return handler
            }
            let output = Output(json: settings.json)
            var invocation = Invocation(
                settings: settings, output: output, logger: Logger(label: "holdfast"), createsStore: verb.createsStore)
            invocation.audit = try (verb as? any AuditedVerb)?.auditRecorder()
            let result = await perform(verb, invocation, deadline: try verb.deadline(timeout: settings.timeout))
            await invocation.audit?.end(result, invocation)
            try output.flush()
            try result.get()
            return ExitStatus.done.rawValue
        } catch let exit as ExitCode {
            return exit.rawValue
        } catch {
            return report(CommandError(error), json: json)
        }
    }

    private static func perform(
        _ verb: any Verb, _ invocation: Invocation, deadline: Duration?
    ) async -> Result<Void, any Error> {
        do {
            if verb.handlesSignals {
                try await verb.perform(invocation)
            } else {
                try await VerbRun.run(deadline: deadline) { try await verb.perform(invocation) }
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Help goes to standard output; anything else that the parser has to say is one line.
    private static func report(parser error: any Error, json: Bool, _ arguments: [String] = []) -> Int32 {
        guard MainCommand.exitCode(for: error) != .success else {
            try? Output.writeAll(
                Array((MainCommand.fullMessage(for: error) + "\n").utf8), to: STDOUT_FILENO, name: "standard output")
            return ExitStatus.done.rawValue
        }
        let message = VerbPath.problem(in: arguments) ?? MainCommand.message(for: error)
        return report(CommandError.usage("\(message) (see holdfast --help)"), json: json)
    }

    private static func report(_ error: CommandError, json: Bool) -> Int32 {
        Output.complain(error.line)
        if json {
            let output = Output(json: true)
            try? output.print(error.document)
            try? output.flush()
        }
        return error.exitStatus.rawValue
    }

    /// Known before parsing, since a parse error must be told the same way.
    private static func wantsJSON(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }
}

extension UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    /// Whether each of the first `count` C strings is UTF-8.
    fileprivate func isUTF8(_ count: Int32) -> Bool {
        (0..<Int(count)).allSatisfy { index in self[index].map { String(validatingCString: $0) != nil } ?? true }
    }
}
