/// What a store was called for.
///
/// Calls that differ in their arguments only share a case.
public enum StoreCall: Sendable {
    case migrate, deployment, read, list, collections, operations, raiseFence, status
    case entries, logs, scores, scoreTables, dropSpace, definitions, putDefinition, settleRestore
    case parts, history, keepCurrent, pruneHistory, recordsOfUser, erase, rememberErasure, erasures
    case verdict, bumpGeneration
    case totals, eraseHistory
    case cancelOperation, failOperation, requeueOperation, expireOperations, shortenReceipts
    case execute([StoreRequest])

    /// The case's word, as traces and spans show it.
    public var name: String {
        if case .execute = self { "execute" } else { "\(self)" }
    }
}
