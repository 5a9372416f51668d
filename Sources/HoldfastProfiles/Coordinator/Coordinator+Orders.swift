import HoldfastCoordination
import HoldfastStorage

extension Coordinator {
    /// Does what an operator asks for, and answers into the inbox that waits.
    func carryOut(_ order: SessionOrder, id: RecordID, request: RandomID, replyTo: String) {
        host.jobs.submit { [host] in
            let answer = await self.answer(order, id)
            guard let document = try? CanonicalJSON.write(answer) else { return }
            try? await host.backend.send(.answer(id: id, request: request, document: document), to: replyTo)
        }
    }

    private func answer(_ order: SessionOrder, _ id: RecordID) async -> JSONValue {
        guard let session = managedSession(id), !session.isEnded else {
            return Self.failure("notFound", "the session is over")
        }
        do throws(ProfileError) {
            switch order {
            case .show: break
            case .save: try await session.saveNow()
            case .checkErasure: await session.checkErasure()
            case .release: try await session.finish(.released, until: .now + host.configuration.saveTimeout)
            }
        } catch {
            return Self.failure(error.code.description, error.message)
        }
        let description = session.describe(now: .now)
        return [
            "state": .string(description.state.rawValue), "version": .integer(description.version),
            "token": .integer(description.token), "nonce": .string(description.nonce.description),
            "unsavedAgeMillis": .integer(Int64(description.unsavedAge / .milliseconds(1))),
            "leaseMarginMillis": .integer(Int64(description.leaseMargin / .milliseconds(1))),
        ]
    }

    private static func failure(_ code: String, _ message: String) -> JSONValue {
        ["error": ["code": .string(code), "message": .string(message)]]
    }
}
