/// Follows one key through the commit log and says what each entry breaks.
struct FenceReplay {
    /// The fence at which each session became active.
    let activeAt: [RandomID: Int64]

    private var previous: StoreImage.Commit?
    private var saveIDs: Set<RandomID> = []
    /// Owners that wrote data, and owners that another one has replaced.
    private var writers: Set<RandomID> = []
    private var superseded: Set<RandomID> = []

    init(activeAt: [RandomID: Int64]) {
        self.activeAt = activeAt
    }

    /// Takes the next entry.
    mutating func violations(of commit: StoreImage.Commit) -> [String] {
        defer {
            previous = commit
            if let saveID = commit.saveID { saveIDs.insert(saveID) }
        }
        guard let oldVersion = commit.oldVersion, let oldFence = commit.oldFence else {
            return insertion(commit)
        }
        var found: [String] = []
        if let previous, !commit.continues(previous) {
            found.append("does not continue where the entry before ended")
        }
        if commit.fence < oldFence {
            found.append("the fence went down")
        }
        if commit.isWrite {
            found += write(commit, from: oldVersion, under: oldFence)
        } else {
            found += seal(commit, from: oldFence)
        }
        return found
    }

    /// Only a seal makes a row, at version 0; a save never does.
    private func insertion(_ commit: StoreImage.Commit) -> [String] {
        if previous != nil { return ["the row was inserted a second time"] }
        return commit.version == 0 ? [] : ["the row was inserted with data"]
    }

    private mutating func write(
        _ commit: StoreImage.Commit, from oldVersion: Int64, under oldFence: Int64
    ) -> [String] {
        var found: [String] = []
        if commit.version != oldVersion + 1 {
            found.append("the version did not rise by one")
        }
        if let saveID = commit.saveID {
            if saveIDs.contains(saveID) { found.append("save \(saveID) was written before") }
        } else {
            found.append("a write without a save id")
        }
        if commit.fence == oldFence {
            if commit.oldOwner == nil {
                found.append("a write while no session owned the row")
            } else if let owner = commit.owner, owner != commit.oldOwner {
                found.append("the owner changed under one fence")
            }
        } else if commit.fence > oldFence, commit.fence != oldFence + 1 || commit.owner != nil {
            // Deletion raises both by one and clears the owner; nothing else does.
            found.append("data and fence were written at once")
        }
        if let writer = commit.oldOwner { writers.insert(writer) }
        return found
    }

    private mutating func seal(_ commit: StoreImage.Commit, from oldFence: Int64) -> [String] {
        if let previous, commit.saveID != previous.saveID || commit.isSameState(as: previous) {
            return ["the content changed and the version did not"]
        }
        guard let owner = commit.owner else { return [] }
        if commit.fence == oldFence {
            return owner == commit.oldOwner ? [] : ["the owner changed under one fence"]
        }
        if let old = commit.oldOwner, old != owner { superseded.insert(old) }
        // A session that is still loading may lose the race and seal again; an active one is lost.
        let wasActive = writers.contains(owner) || activeAt[owner].map { $0 <= oldFence } ?? false
        return wasActive && superseded.contains(owner) ? ["a superseded session took its fence back"] : []
    }
}

extension StoreImage.Commit {
    /// Whether the old values are those that the entry before left.
    fileprivate func continues(_ before: Self) -> Bool {
        oldVersion == before.version && oldFence == before.fence && oldOwner == before.owner
    }

    /// Whether nothing that the log shows has changed, so that only the stored bytes can have.
    fileprivate func isSameState(as other: Self) -> Bool {
        version == other.version && fence == other.fence && owner == other.owner && saveID == other.saveID
    }
}
