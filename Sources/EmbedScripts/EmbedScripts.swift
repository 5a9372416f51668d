import Foundation

/// Turns every `Lua/<area>/<verb_noun>.lua` into a typed Swift value.
///
///     EmbedScripts <Lua folder> <output file>
///
/// `Lua/include/<name>.lua` is pulled in where a script says `-- @include <name>`; an include is
/// not a script of its own.
@main
struct EmbedScripts {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            throw Failure("usage: EmbedScripts LUA-FOLDER OUTPUT")
        }
        let root = URL(fileURLWithPath: arguments[1], isDirectory: true)
        var areas: [String: [(name: String, source: String)]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted()
        where path.hasSuffix(".lua") && !path.hasPrefix("include/") {
            let parts = path.dropLast(4).split(separator: "/").map(String.init)
            guard parts.count == 2 else {
                throw Failure("\(path): a script lives in Lua/<area>/<verb_noun>.lua")
            }
            let source = try expanded(root.appendingPathComponent(path), root: root)
            guard source.hasPrefix("#!lua") else {
                throw Failure("\(path): the first line must be a #!lua shebang with the script's flags")
            }
            areas[parts[0], default: []].append((parts[1], source))
        }
        var text = "// Made from Lua/ by EmbedScripts at build time.\n\n"
        for (area, scripts) in areas.sorted(by: { $0.key < $1.key }) {
            text += "extension Script {\n    /// The scripts of `Lua/\(area)/`.\n"
            text += "    public enum \(camel(area, upper: true)) {\n"
            for script in scripts {
                text += """
                            /// `Lua/\(area)/\(script.name).lua`
                            public static let \(camel(script.name, upper: false)) = Script(
                                name: "\(area)/\(script.name)",
                                source: ####\"\"\"
                    \(script.source)
                    \"\"\"####
                            )

                    """
            }
            text += "    }\n}\n\n"
        }
        try text.write(toFile: arguments[2], atomically: true, encoding: .utf8)
    }

    static func expanded(_ file: URL, root: URL) throws -> String {
        let marker = "-- @include "
        return try String(contentsOf: file, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                guard line.hasPrefix(marker) else { return String(line) }
                let include = root.appendingPathComponent("include/\(line.dropFirst(marker.count)).lua")
                guard FileManager.default.fileExists(atPath: include.path) else {
                    throw Failure("\(file.lastPathComponent): no include at \(include.path)")
                }
                return try String(contentsOf: include, encoding: .utf8)
            }
            .joined(separator: "\n")
    }

    static func camel(_ name: String, upper: Bool) -> String {
        let words = name.split(separator: "_")
        return words.enumerated()
            .map { $0 == 0 && !upper ? String($1) : $1.prefix(1).uppercased() + $1.dropFirst() }
            .joined()
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
