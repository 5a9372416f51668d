/// A verb that changes what others rely on: the audit log tells of each of its runs.
///
/// Every verb that changes something is one; which those are stands in one place, `AuditedVerbs.swift`.
protocol AuditedVerb: Verb {
    /// What it acts on, without contents; nil for a run that changes nothing (`--dry-run`).
    var auditTarget: String? { get }

    /// Whether nothing may be done where the audit log cannot be written; false for what Redis alone keeps, which must
    /// not stand or fall with the store.
    var needsAudit: Bool { get }
}

extension AuditedVerb {
    var needsAudit: Bool { true }

    /// The recorder of this run; nil for one that changes nothing.
    ///
    /// - Throws: ``CommandError`` with code `usage` for a reason that is too long.
    func auditRecorder() throws -> AuditRecorder? {
        guard let auditTarget else { return nil }
        return try AuditRecorder(
            verb: VerbPath.name(of: Self.self) ?? "", target: auditTarget, reason: global.reason, isRequired: needsAudit
        )
    }
}
