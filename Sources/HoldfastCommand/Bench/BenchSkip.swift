/// Why a row cannot be measured here; the others go on.
struct BenchSkip: Error {
    let reason: String
}
