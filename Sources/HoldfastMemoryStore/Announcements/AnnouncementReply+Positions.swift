extension AnnouncementReply.Log {
    /// Behind everything that gave way.
    var oldest: AnnouncementPosition {
        AnnouncementPosition(generation: end.generation, sequence: dropped, entry: nil, epoch: end.epoch)
    }

    /// Right before a number, or at the end where that comes later.
    func position(before sequence: Int64) -> AnnouncementPosition {
        guard sequence > 1 else { return oldest }
        guard sequence - 1 < end.sequence else { return end }
        return AnnouncementPosition(
            generation: end.generation, sequence: sequence - 1, entry: nil, epoch: end.epoch)
    }
}
