/// The `user@host:port` part of an address.
struct Authority: Equatable {
    var user: String?
    var host: String
    var port: Int?

    /// Reads `[user@]host[:port]`; IPv6 addresses stand in brackets.
    ///
    /// A password is refused: it would be visible in the process list.
    init(_ text: some StringProtocol, passwordVariable: String) throws(AddressError) {
        var rest = Substring(text)
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
            guard !credentials.contains(":") else {
                throw AddressError("an address carries no password; set \(passwordVariable) instead")
            }
            guard let user = Self.percentDecoded(credentials), !user.isEmpty else {
                throw AddressError("the user name before @ is empty or not valid")
            }
            self.user = user
        }
        if rest.hasPrefix("[") {
            guard let close = rest.firstIndex(of: "]") else { throw AddressError("the host's bracket is not closed") }
            host = String(rest[rest.index(after: rest.startIndex)..<close])
            rest = rest[rest.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw AddressError("a port follows the bracket as :PORT") }
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = String(rest[..<end])
            rest = rest[end...]
        }
        if rest.hasPrefix(":") {
            guard let port = Int(rest.dropFirst()), (1...65_535).contains(port) else {
                throw AddressError("the port must be a number from 1 to 65535")
            }
            self.port = port
        }
        let isPlain = host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        guard isPlain, !host.contains("/"), !host.contains("?") else {
            throw AddressError("the host name is not valid")
        }
    }

    /// Undoes `%41`; nil where the digits are wrong or the bytes are not UTF-8.
    static func percentDecoded(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
