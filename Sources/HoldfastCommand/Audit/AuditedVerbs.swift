// Every verb that changes something, with what its run acts on. Reading verbs, `queue read` among them, which hides
// items only for a while, and the demo and the bench with their own deployments are none.

import HoldfastStorage

// MARK: Profiles, history, worlds

extension ProfilePutVerb: AuditedVerb { var auditTarget: String? { record.auditTarget } }
extension ProfileDeleteVerb: AuditedVerb { var auditTarget: String? { confirmation.dryRun ? nil : record.auditTarget } }
extension ProfileImportVerb: AuditedVerb { var auditTarget: String? { collection } }
extension ProfileUnlockVerb: AuditedVerb {
    var auditTarget: String? { confirmation.dryRun ? nil : "\(record.auditTarget) token \(token)" }
}
extension ProfileRepairVerb: AuditedVerb { var auditTarget: String? { confirmation.dryRun ? nil : record.auditTarget } }
extension CollectionDropVerb: AuditedVerb { var auditTarget: String? { confirmation.dryRun ? nil : name } }
extension EraseVerb: AuditedVerb {
    // The hash tells one person from another, and not who it was.
    var auditTarget: String? { confirmation.dryRun ? nil : "user \(RandomID(hashing: user))" }
}
extension SessionSaveVerb: AuditedVerb { var auditTarget: String? { record.auditTarget } }
extension SessionReleaseVerb: AuditedVerb { var auditTarget: String? { record.auditTarget } }
extension HistorySnapshotVerb: AuditedVerb { var auditTarget: String? { record.auditTarget } }
extension HistoryRestoreVerb: AuditedVerb {
    var auditTarget: String? { confirmation.dryRun ? nil : "\(record.auditTarget) \(wanted.auditTarget)" }
}
extension WorldImportVerb: AuditedVerb { var auditTarget: String? { argument.auditTarget } }
extension WorldDeleteVerb: AuditedVerb {
    var auditTarget: String? { confirmation.dryRun ? nil : argument.auditTarget }
}

// MARK: Operations

extension OpDeliverVerb: AuditedVerb { var auditTarget: String? { "\(record.auditTarget) \(type) \(id)" } }
extension OpRequeueVerb: AuditedVerb { var auditTarget: String? { id } }
extension OpCancelVerb: AuditedVerb { var auditTarget: String? { id } }

// MARK: Fleet

extension MigrateVerb: AuditedVerb {
    var auditTarget: String? {
        afterRestore ? "after restore" : bumpGeneration ? "generation" : "layout"
    }
}
extension BackupRestoreVerb: AuditedVerb { var auditTarget: String? { confirmation.dryRun ? nil : file } }
extension ServerDrainVerb: AuditedVerb { var auditTarget: String? { id } }

// MARK: Boards, durable messages

extension BoardCreateVerb: AuditedVerb { var auditTarget: String? { name } }
extension BoardSubmitVerb: AuditedVerb { var auditTarget: String? { place.auditTarget } }
extension BoardImportVerb: AuditedVerb { var auditTarget: String? { name } }
extension BoardRemoveVerb: AuditedVerb { var auditTarget: String? { place.auditTarget } }
extension BoardRebuildVerb: AuditedVerb { var auditTarget: String? { name } }
extension AnnouncePublishVerb: AuditedVerb {
    var auditTarget: String? { channel }
    var needsAudit: Bool { !fast }
}
extension QueueAddVerb: AuditedVerb {
    var auditTarget: String? { name }
    var needsAudit: Bool { durable }
}

// MARK: What Redis alone keeps

extension QueueRemoveVerb: FastAuditedVerb { var auditTarget: String? { "\(name) \(id)" } }
extension QueueRequeueVerb: FastAuditedVerb { var auditTarget: String? { name } }
extension SortedMapSetVerb: FastAuditedVerb { var auditTarget: String? { item.auditTarget } }
extension SortedMapUpdateVerb: FastAuditedVerb { var auditTarget: String? { item.auditTarget } }
extension SortedMapRemoveVerb: FastAuditedVerb { var auditTarget: String? { item.auditTarget } }
extension HashMapSetVerb: FastAuditedVerb { var auditTarget: String? { item.auditTarget } }
extension HashMapUpdateVerb: FastAuditedVerb { var auditTarget: String? { item.auditTarget } }
extension HashMapRemoveVerb: FastAuditedVerb { var auditTarget: String? { item.auditTarget } }
extension TicketAddVerb: FastAuditedVerb { var auditTarget: String? { "\(name)/\(id)" } }
extension TicketCancelVerb: FastAuditedVerb { var auditTarget: String? { "\(name)/\(id)" } }

/// An audited verb that goes on, with a word on standard error, where the audit log cannot be written.
protocol FastAuditedVerb: AuditedVerb {}

extension FastAuditedVerb { var needsAudit: Bool { false } }

// MARK: - How targets are spelled

extension RecordArgument { fileprivate var auditTarget: String { "\(collection)/\(key)" } }
extension WorldArgument { fileprivate var auditTarget: String { "\(owner):\(world)" } }
extension MapItemArgument { fileprivate var auditTarget: String { "\(name)/\(key)" } }
extension BoardMemberArguments { fileprivate var auditTarget: String { "\(name)/\(member)" } }
extension VersionOptions {
    fileprivate var auditTarget: String { version.map { "version \($0)" } ?? "at \(at ?? "")" }
}
