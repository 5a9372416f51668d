/// What must hold of a shared document for a write to be made.
public enum SharedCondition: Sendable, Equatable {
    /// Anything.
    case any
    /// There is no document.
    case absent
    /// The document has this version, as a read or an earlier write has told.
    case version(Int64)

    /// Why a write is refused where the document has `version`, nil where there is none; nil when it is not.
    func refusal(where version: Int64?) -> String? {
        switch (self, version) {
        case (.any, _), (.absent, nil): nil
        case (.absent, let version?): "there is a document, of version \(version)"
        case (.version(let wanted), nil): "there is no document; version \(wanted) was expected"
        case (.version(let wanted), let version?):
            wanted == version ? nil : "the document has version \(version), not \(wanted)"
        }
    }
}
