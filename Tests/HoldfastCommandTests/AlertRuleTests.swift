import Foundation
import Testing

/// `Deploy/alerts` and the article "Operate" against the catalogue of metrics, so that neither names what is gone.
@Suite struct AlertRuleTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The rows of the catalogue by the name of their metric.
    private static func catalogue() throws -> [String: String] {
        var rows: [String: String] = [:]
        for line in try text("Sources/Holdfast/Holdfast.docc/Metrics.md").split(separator: "\n") {
            if let row = line.firstMatch(of: /^\| `(holdfast_[a-z_]+)` \|/) { rows[String(row.1)] = String(line) }
        }
        return rows
    }

    /// The row of a metric, under its own name or that of a part of its histogram.
    private func row(of name: String, in rows: [String: String]) -> String? {
        let base = name.replacing(/_(bucket|sum|count)$/, with: "")
        guard let row = rows[name] ?? rows[base] else { return nil }
        let isHistogram = row.contains("| timer,") || row.contains("| recorder,")
        return isHistogram == (name != base) ? row : nil
    }

    /// What is wrong with the metrics that a text names, and with the labels that it gives them.
    private func problems(_ text: String, exact: Bool) throws -> [String] {
        let rows = try Self.catalogue()
        return text.matches(of: /(holdfast_[a-z_]+)(?:\{([^}]*)\})?/).compactMap { found in
            let name = String(found.1)
            guard let row = exact ? row(of: name, in: rows) : rows[name] else { return "\(name) is no metric" }
            let labels = (found.2 ?? "").matches(of: /([a-z]+) *(?:=~|!=|=)/).map { String($0.1) }
            guard let label = labels.first(where: { !row.contains("`\($0)`") }) else { return nil }
            return "\(name) has no dimension \(label)"
        }
    }

    @Test("alert rules name metrics and dimensions that exist, in the form that Prometheus is given them")
    func metrics() throws {
        let rules = try Self.text("Deploy/alerts/holdfast.yml")
        let expressions = rules.matches(of: /(?m)^        expr: ((?:.*\n)(?:          .*\n)*)/).map { String($0.1) }
        #expect(expressions.count == rules.matches(of: /- alert:/).count && !expressions.isEmpty)
        for expression in expressions {
            #expect(try problems(expression, exact: true) == [])
            #expect(expression.contains("holdfast_"))
            #expect(expression.count { $0 == "(" } == expression.count { $0 == ")" })
        }
    }

    @Test("each alert says how bad it is, what happens, and which heading of Operate helps")
    func parts() throws {
        let rules = try Self.text("Deploy/alerts/holdfast.yml")
        let headings = Set(
            try Self.text("Sources/Holdfast/Holdfast.docc/Operate.md").matches(of: /(?m)^## (.+)$/).map { String($0.1) }
        )
        var names = Set<String>()
        for alert in rules.split(separator: "- alert: ").dropFirst() {
            let name = String(alert.prefix { $0 != "\n" })
            #expect(names.insert(name).inserted && name.hasPrefix("Holdfast"))
            #expect(alert.contains(/severity: (warning|critical)\n/), "\(name)")
            #expect(alert.contains(/summary: \S/), "\(name)")
            let runbook = try #require(alert.firstMatch(of: /runbook: (.+)\n/), "\(name)")
            #expect(headings.contains(String(runbook.1)), "\(name): \(runbook.1)")
        }
    }

    @Test("Operate names metrics that exist, and each of its symptoms is drilled")
    func operate() throws {
        let page = try Self.text("Sources/Holdfast/Holdfast.docc/Operate.md")
        #expect(try problems(page, exact: false) == [])
        let drills = try Self.text("Tests/HoldfastCommandTests/EndToEnd/OperateDrillTests.swift")
        let symptoms = page.matches(of: /(?m)^\| <doc:Operate#([A-Za-z-]+)>/).map {
            String($0.1).replacing("-", with: " ").replacing("hand over", with: "hand-over")
        }
        #expect(symptoms.count == 10)
        for symptom in symptoms where symptom != "A critical server" {
            #expect(page.contains("\n## \(symptom)\n") && drills.contains("@Test(\"\(symptom)\")"), "\(symptom)")
        }
    }
}
