import Testing

@testable import HoldfastProfiles

@Suite("Tickets and slots", .timeLimit(.minutes(10)))
struct TicketTests {
    private let far = ContinuousClock.now + .seconds(60)

    @Test("every waiter gets the result, early or late")
    func result() async throws {
        let ticket = Ticket<Int>()
        async let first = ticket.value(until: far)
        async let second = ticket.value(until: far)
        ticket.resolve(.success(4))
        ticket.resolve(.success(5))
        #expect(try await first == 4)
        #expect(try await second == 4)
        #expect(try await ticket.value(until: far) == 4)
    }

    @Test("a cancelled waiter leaves at once, before or after it began, and the ticket knows that nobody is left")
    func cancellation() async {
        for _ in 0..<200 {
            let ticket = Ticket<Int>()
            let task = Task { try await ticket.value(until: far) }
            if Bool.random() { await Task.yield() }
            task.cancel()
            await #expect(throws: ProfileError.self) { try await task.value }
            #expect(ticket.isAbandoned)
            #expect(ticket.resolve(.success(1)) == 0)
        }
    }

    @Test("a wait ends at its deadline, others go on")
    func expiry() async throws {
        let ticket = Ticket<Int>()
        let now = ContinuousClock.now
        let isOver = Flag()
        let short = Task {
            defer { isOver.value = true }
            return try await ticket.value(until: now)
        }
        let long = Task { try await ticket.value(until: far) }
        let expired = await eventually {
            ticket.expire(now: now + .seconds(1)) { ProfileError(.deadline, "late") }
            return isOver.value
        }
        #expect(expired)
        await #expect(throws: ProfileError.self) { try await short.value }
        ticket.resolve(.success(9))
        #expect(try await long.value == 9)
    }

    @Test("a slot has one holder at a time and passes in order")
    func slot() async {
        let slot = SaveSlot()
        let holders = Counter()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await slot.take()
                    let before = holders.next()
                    await Task.yield()
                    let after = holders.next()
                    slot.give()
                    return after == before + 1
                }
            }
            for await alone in group { #expect(alone) }
        }
    }
}
