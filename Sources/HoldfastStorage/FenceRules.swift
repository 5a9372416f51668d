/// The conditions under which a row may be taken or written, for backends that check before they write.
package enum FenceRules {
    package enum Seal: Equatable {
        /// No row yet: insert one at version 0.
        case create
        /// Set fence and owner of the row.
        case take
        case refuse(RowState)
    }

    /// Decides on a seal of `row`, which is nil when missing.
    package static func seal(_ request: SealRequest, row: RowState?) -> Seal {
        guard let row else {
            // A live session whose row is gone was overtaken by a restore; it must not start a new one.
            if case .stillMine = request.condition {
                return .refuse(.missing)
            }
            return .create
        }
        let isMine = row.owner?.nonce == request.owner.nonce
        switch request.condition {
        case .supersede:
            // An equal token is this session's own repeated request, or another's from before Redis
            // lost its counter; only the nonce tells them apart.
            return row.fence < request.token || (row.fence == request.token && isMine) ? .take : .refuse(row)
        case .stillMine(let fence, let version):
            let isRepeat = row.fence == request.token && isMine
            let isUntouched = row.fence == fence && row.version == version && isMine && request.token >= fence
            return isRepeat || isUntouched ? .take : .refuse(row)
        }
    }

    /// Whether a write hits `row`.
    package static func hits(_ write: RecordWrite, row: RowState?) -> Bool {
        guard let row else { return false }
        return row.fence == write.fence && row.owner?.nonce == write.nonce && row.version == write.version
    }

    /// Whether a hot copy names exactly the save that is in the row.
    package static func matches(_ hot: HotReference?, version: Int64, saveID: RandomID?, checksum: UInt64) -> Bool {
        guard let hot else { return false }
        return hot.version == version && hot.saveID == saveID && hot.checksum == checksum
    }
}
