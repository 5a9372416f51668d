/// Why an address or another setting's text was not understood.
///
/// The text is one clause for the operator.
struct AddressError: Error, Equatable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
