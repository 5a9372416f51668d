import CHoldfastHiredis

/// Builds values while hiredis walks through a reply, depth first.
///
/// The reader's object functions reach it through `privdata`. They hand hiredis a dummy pointer for each
/// object, never a value, so there is nothing to free.
final class ReplyBuilder {
    private struct Frame {
        var values: [RedisValue] = []
        var missing: Int
    }

    private var open: [Frame] = []
    private var finished: RedisValue?

    /// Hands over the reply that hiredis has just declared complete.
    func take() -> RedisValue? {
        defer { finished = nil }
        return finished
    }

    /// Adds a leaf, and closes every array that it completes.
    fileprivate func add(_ leaf: RedisValue) {
        var value = leaf
        while !open.isEmpty {
            let top = open.count - 1
            open[top].values.append(value)
            open[top].missing -= 1
            guard open[top].missing == 0 else { return }
            value = .array(open.removeLast().values)
        }
        finished = value
    }

    /// Begins an array.
    ///
    /// The announced count comes from the wire unchecked: no room is reserved for it.
    fileprivate func begin(count: Int) {
        guard count > 0 else { return add(.array([])) }
        open.append(Frame(missing: count))
    }
}

/// The functions hiredis calls for each object.
///
/// NULL would mean "out of memory", so they return a dummy.
enum ReplyObjectFunctions {
    // SAFETY: written once here and only read by hiredis afterwards.
    nonisolated(unsafe) static let pointer: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(
            to: redisReplyObjectFunctions(
                createString: { task, text, length in
                    guard let task else { return nil }
                    let bytes = UnsafeRawBufferPointer(start: text, count: length)
                    let value: RedisValue =
                        switch task.pointee.type {
                        case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
                        case REDIS_REPLY_ERROR: .error(RedisServerError(text: String(decoding: bytes, as: UTF8.self)))
                        default: .bytes(Array(bytes))
                        }
                    return add(value, task)
                },
                createArray: { task, count in
                    guard let task else { return nil }
                    builder(of: task).begin(count: Int(count))
                    return dummy
                },
                createInteger: { task, value in add(.integer(value), task) },
                createNil: { task in add(.null, task) },
                freeObject: { _ in }
            )
        )
        return functions
    }()

    // SAFETY: an address that is never read through.
    private nonisolated(unsafe) static let dummy = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)

    private static func builder(of task: UnsafePointer<redisReadTask>) -> ReplyBuilder {
        // SAFETY: `privdata` is set by `ReplyReader`, which owns both the reader and the builder.
        Unmanaged<ReplyBuilder>.fromOpaque(task.pointee.privdata).takeUnretainedValue()
    }

    private static func add(_ value: RedisValue, _ task: UnsafePointer<redisReadTask>?) -> UnsafeMutableRawPointer? {
        guard let task else { return nil }
        builder(of: task).add(value)
        return dummy
    }
}
