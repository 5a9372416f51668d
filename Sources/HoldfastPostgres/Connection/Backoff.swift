/// How long to wait between attempts to connect: doubling from 50 ms to 2 s, each drawn from its upper half.
struct Backoff {
    private var ceiling = Duration.milliseconds(50)

    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { ceiling = min(ceiling * 2, .seconds(2)) }
        return ceiling * Double.random(in: 0.5...1, using: &generator)
    }

    mutating func reset() {
        self = Backoff()
    }
}
