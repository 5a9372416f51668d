/// Why an address or another setting's text was not understood.
///
/// The text is one clause for the operator.
struct AddressError: Error, Equatable {
    let message: String
    /// The form is known but not served by this release: a configuration error wherever it was given.
    let isUnsupported: Bool

    init(_ message: String, isUnsupported: Bool = false) {
        self.message = message
        self.isUnsupported = isUnsupported
    }
}
