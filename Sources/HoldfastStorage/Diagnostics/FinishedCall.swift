/// One call to the store or to Redis that has been answered, has failed or was given up.
package struct FinishedCall: Sendable {
    /// Whom a call went to.
    package enum Side: String, Sendable, CaseIterable {
        case redis, store
    }

    /// Why a call failed.
    package struct Failure: Sendable, Equatable {
        /// The code's word.
        package let code: String
        /// Whether it says that this side is away, full, broken or closed to us; a refusal of one request is none.
        package let isOutage: Bool

        package init(code: String, isOutage: Bool) {
            self.code = code
            self.isOutage = isOutage
        }

        /// What an error of the store says.
        package init(_ error: StoreError) {
            self.init(
                code: error.code.description,
                isOutage: error.isRetriable || [.internalError, .denied].contains(error.code))
        }
    }

    package let side: Side
    /// The call by its name in the protocol of its side.
    package let name: String
    /// What it was about, where it was about one record.
    package let record: RecordID?
    /// How many requests shared it.
    package let count: Int
    package let duration: Duration
    /// What came of it, in one word.
    package let outcome: String
    package let failure: Failure?

    package init(
        _ side: Side, _ name: String, record: RecordID? = nil, count: Int = 1, took duration: Duration,
        outcome: String = "ok"
    ) {
        self.side = side
        self.name = name
        self.record = record
        self.count = count
        self.duration = duration
        self.outcome = outcome
        failure = nil
    }

    package init(
        _ side: Side, _ name: String, record: RecordID? = nil, count: Int = 1, took duration: Duration,
        failure: Failure
    ) {
        self.side = side
        self.name = name
        self.record = record
        self.count = count
        self.duration = duration
        outcome = failure.code
        self.failure = failure
    }
}
