import HoldfastRedis
import HoldfastScripts
import HoldfastStorage

/// The right to do something for the whole fleet, held in Redis by one process at a time.
///
/// It only saves work: what is done under it stays right when two processes do it at once, as they may when Redis
/// forgets or the holder is frozen.
struct DutyLease: Sendable {
    private let context: MemoryStore.Context
    private let key: [UInt8]
    private let nonce = RandomID.random()

    /// How long giving it back may take: it ends by itself.
    private static let patience = Duration.seconds(1)

    /// Names a duty.
    ///
    /// - Parameters:
    ///   - area: The kind of structure.
    ///   - duty: What is to be done, and for what.
    init(_ context: MemoryStore.Context, area: String, duty: String) {
        self.context = context
        key = context.keys.keys(area, duty)["duty"]
    }

    /// Takes it, or keeps it; false when another process has it or Redis cannot be asked.
    func hold(for time: Duration) async -> Bool {
        let millis = Int64(time / .milliseconds(1))
        let arguments: [RedisArgument] = [.bytes(nonce.bytes), .integer(millis)]
        return (try? await context.evaluate(.Duty.hold, keys: [key], arguments))?.integer == 1
    }

    /// Gives it back, if it is still held.
    func release() async {
        // Not a child: a cancelled holder gives it back, too.
        await Task {
            _ = try? await context.evaluate(.Duty.release, keys: [key], [.bytes(nonce.bytes)], within: Self.patience)
        }.value
    }
}
