/// What an announcement survives.
///
/// Each channel has one order of durable announcements and one of fast ones; between the two there is no order.
public enum AnnouncementFlavor: String, Sendable, Hashable, CaseIterable {
    /// The store has it: it survives the loss of Redis.
    case durable
    /// Redis alone has it: where Redis loses it, subscribers are told of a gap.
    case fast
}
