/// Finds single entries of the commit log.
struct CommitIndex {
    private struct Seal: Hashable {
        let key: KeyIndex
        let owner: RandomID
        let fence: Int64
    }

    private let writes: [[StoreImage.Commit]]
    private let seals: [Seal: StoreImage.Commit]

    init(_ store: StoreImage) {
        writes = store.commits.map { commits in
            commits.filter(\.isWrite).sorted { $0.version < $1.version }
        }
        var seals: [Seal: StoreImage.Commit] = [:]
        for (key, commits) in store.commits.enumerated() {
            for commit in commits where commit.fence != commit.oldFence {
                guard let owner = commit.owner else { continue }
                let seal = Seal(key: key, owner: owner, fence: commit.fence)
                if seals[seal] == nil { seals[seal] = commit }
            }
        }
        self.seals = seals
    }

    /// The writes that gave this key this version: one, unless it is missing or forked.
    func writes(of key: KeyIndex, version: Int64) -> ArraySlice<StoreImage.Commit> {
        guard key < writes.count else { return [] }
        let all = writes[key]
        let start = all.firstPosition { $0.version >= version }
        return all[start...].prefix { $0.version == version }
    }

    /// The seal that let this session become active; nil when the log has none.
    func seal(of session: Journals.Opened) -> StoreImage.Commit? {
        seals[Seal(key: session.key, owner: session.owner, fence: session.fence)]
    }
}

extension Array {
    /// The first index whose element passes a test that all later ones pass too, by bisection.
    func firstPosition(where passes: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if passes(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
