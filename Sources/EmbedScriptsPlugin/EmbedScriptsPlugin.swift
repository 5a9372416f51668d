import Foundation
import PackagePlugin

/// Runs `EmbedScripts` over `Lua/` whenever a script there changes.
@main
struct EmbedScriptsPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let lua = context.package.directoryURL.appending(path: "Lua")
        let output = context.pluginWorkDirectoryURL.appending(path: "Scripts.swift")
        let inputs = try FileManager.default.subpathsOfDirectory(atPath: lua.path)
            .filter { $0.hasSuffix(".lua") }
            .sorted()
            .map { lua.appending(path: $0) }
        return [
            .buildCommand(
                displayName: "Embed Lua scripts",
                executable: try context.tool(named: "EmbedScripts").url,
                arguments: [lua.path, output.path],
                inputFiles: inputs,
                outputFiles: [output]
            )
        ]
    }
}
