import HoldfastProfiles
import HoldfastStorage

/// Usage as `usage` prints it.
enum UsageView {
    /// The fields of a collection's row.
    static func fields(_ name: CollectionName, _ totals: CollectionTotals) -> [OutputValue.Field] {
        let measure = CollectionUsage.measure(of: totals)
        let document: OutputValue = [
            "collection": .string(name.description), "records": .integer(Int64(totals.records)),
            "documentBytes": .integer(Int64(totals.documentBytes)), "storedBytes": .integer(Int64(totals.storedBytes)),
            "parts": .integer(Int64(totals.parts)), "partBytes": .integer(Int64(totals.partBytes)),
            "historyVersions": .integer(Int64(totals.versions)), "historyBytes": .integer(Int64(totals.versionBytes)),
            "pendingOperations": .integer(Int64(totals.pendingOperations)),
            "largestDocumentBytes": .integer(Int64(totals.largestDocumentBytes)),
            "documentLimitBytes": .optional(measure.limit), "share": .number(rounded(measure.share ?? 0)),
            "warning": .bool(measure.isWarning),
        ]
        if case .object(let fields) = document { return fields }
        return []
    }

    /// A measure as a row.
    static func document(_ measure: UsageMeasure) -> OutputValue {
        [
            "name": .string(measure.subject.rawValue), "used": .integer(Int64(measure.used)),
            "limit": .optional(measure.limit), "share": measure.share.map { .number(rounded($0)) } ?? .null,
            "warning": .bool(measure.isWarning),
        ]
    }

    /// One of the largest records.
    static func document(_ record: RecordSummary) -> OutputValue {
        let measure = CollectionUsage.measure(of: record)
        return [
            "key": .string(record.key.description), "documentBytes": .integer(Int64(record.documentBytes)),
            "storedBytes": .integer(Int64(record.storedBytes)), "share": .number(rounded(measure.share ?? 0)),
            "warning": .bool(measure.isWarning),
        ]
    }

    /// The share of a limit with one decimal, and a mark where it is close; empty without a limit.
    static func text(_ measure: UsageMeasure) -> String {
        guard let share = measure.share else { return "" }
        let tenths = Int((share * 1_000).rounded())
        return "\(tenths / 10).\(tenths % 10) %\(measure.isWarning ? "  WARNING" : "")"
    }

    private static func rounded(_ share: Double) -> Double { (share * 1_000_000).rounded() / 1_000_000 }
}
