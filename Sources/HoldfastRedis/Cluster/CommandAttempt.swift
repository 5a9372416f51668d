/// Follows one command from node to node until it has its reply: decides what each answer means and what comes next.
///
/// Pure: time left and randomness are passed in. A command is sent again only where the answer proves that it was not
/// executed: a redirection, one of the refusals below, or the word of its lane that it was never written. Whatever else
/// ends in a doubt is the caller's to judge.
struct CommandAttempt: Sendable {
    typealias Address = RedisConfiguration.Address

    /// Where to send it.
    enum Target: Sendable, Equatable {
        /// To the node that the slot map names, or to any node where there is no slot.
        case owner
        /// To the node that a redirection named.
        case node(Address)
        /// To this node, behind an ASKING on the same connection: it is about to get the slot.
        case asking(Address)
    }

    /// What comes next.
    enum Step: Sendable, Equatable {
        case send
        /// Wait, then send.
        case rest(Duration)
        /// It is over; the caller gets the last answer.
        case finish
    }

    /// What an answer tells about the servers.
    enum Lesson: Sendable, Equatable {
        /// A node says who serves a slot.
        case moved(Redirection)
        /// The servers have changed places, or are about to.
        case unsettled
        /// This server takes no writes: it is a master no longer.
        case demoted
    }

    /// From how many redirections on the nodes seem to disagree, and it waits in between.
    static let patientRedirections = 4
    private static let shortestRest = Duration.milliseconds(10)
    private static let longestRest = Duration.milliseconds(500)

    /// Where to send it now.
    private(set) var target = Target.owner
    /// Whether a script has to be sent in full.
    private(set) var needsSource = false
    private let isScript: Bool
    private var redirections = 0
    private var rests = 0

    init(isScript: Bool) {
        self.isScript = isScript
    }

    /// Judges the answer of the node at `address`; without one, of a server that is no part of a cluster, so that
    /// redirections are not followed.
    mutating func judge(
        _ reply: Result<RedisValue, RedisError>, from address: Address?, timeLeft: Duration,
        using generator: inout some RandomNumberGenerator
    ) -> (step: Step, lesson: Lesson?) {
        switch reply {
        case .failure(let error):
            // Never written: its lane was given up, and the map says where to go by now.
            guard error.code == .unavailable else { return (.finish, nil) }
            target = .owner
            return (redirect(timeLeft, using: &generator), nil)
        case .success(.error(let error)):
            return judge(error, from: address, timeLeft: timeLeft, using: &generator)
        case .success:
            return (.finish, nil)
        }
    }

    /// There is no server to send it to at the moment.
    mutating func rest(timeLeft: Duration, using generator: inout some RandomNumberGenerator) -> Step {
        guard timeLeft > .zero else { return .finish }
        var bound = Self.shortestRest
        for _ in 0..<rests where bound < Self.longestRest { bound *= 2 }
        rests += 1
        // Half of it at least, so that nobody is hammered.
        return .rest(min(timeLeft, min(bound, Self.longestRest) * Double.random(in: 0.5...1, using: &generator)))
    }

    private mutating func judge(
        _ error: RedisServerError, from address: Address?, timeLeft: Duration,
        using generator: inout some RandomNumberGenerator
    ) -> (Step, Lesson?) {
        switch error.prefix {
        case "NOSCRIPT" where isScript && !needsSource:
            needsSource = true
            return (timeLeft > .zero ? .send : .finish, nil)
        case "MOVED":
            guard let address, let redirection = Redirection(error, askedAt: address) else { return (.finish, nil) }
            // A node that sends us to itself is in the middle of something.
            let isLoop = redirection.address == address
            target = isLoop ? .owner : .node(redirection.address)
            if isLoop { return (rest(timeLeft: timeLeft, using: &generator), .unsettled) }
            return (redirect(timeLeft, using: &generator), .moved(redirection))
        case "ASK":
            guard let address, let redirection = Redirection(error, askedAt: address) else { return (.finish, nil) }
            target = .asking(redirection.address)
            return (redirect(timeLeft, using: &generator), nil)
        case "TRYAGAIN":
            // The keys of one slot are on their way between two nodes; there is no news in that.
            return (again(timeLeft, using: &generator), nil)
        case "CLUSTERDOWN", "LOADING":
            return (again(timeLeft, using: &generator), .unsettled)
        case "READONLY", "MASTERDOWN", "UNBLOCKED":
            return (again(timeLeft, using: &generator), .demoted)
        default:
            return (.finish, nil)
        }
    }

    private mutating func again(_ timeLeft: Duration, using generator: inout some RandomNumberGenerator) -> Step {
        target = .owner
        return rest(timeLeft: timeLeft, using: &generator)
    }

    private mutating func redirect(_ timeLeft: Duration, using generator: inout some RandomNumberGenerator) -> Step {
        redirections += 1
        guard timeLeft > .zero else { return .finish }
        return redirections <= Self.patientRedirections ? .send : rest(timeLeft: timeLeft, using: &generator)
    }
}
