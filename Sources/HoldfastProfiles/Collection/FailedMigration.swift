/// A step of a collection's migrations that could not be taken; the stored document stays as it is.
struct FailedMigration: Error, CustomStringConvertible {
    /// The schema that the step leads to.
    let schema: Int
    /// What the step threw; nil where there is no such step.
    let cause: (any Error)?

    var description: String {
        cause.map { "the step to schema \(schema) failed: \($0)" } ?? "there is no step to schema \(schema)"
    }
}
