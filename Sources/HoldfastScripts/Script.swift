import Crypto

/// One Lua script that runs inside Redis, embedded in the binary at build time.
///
/// Values are made from the files under `Lua/` and grouped by area: `Script.Lease.acquire` is
/// `Lua/lease/acquire.lua`. The file's header states its keys, arguments and result codes.
public struct Script: Sendable {
    /// Area and file name, for example `lease/acquire`.
    public let name: String
    /// The complete Lua text, shebang line first.
    public let source: String
    /// SHA-1 of ``source`` in lower-case hex: the name that EVALSHA knows it by.
    public let sha1: String

    /// Wraps a script's text and computes its SHA-1.
    public init(name: String, source: String) {
        self.name = name
        self.source = source
        let digits = Array("0123456789abcdef".utf8)
        let digest = Insecure.SHA1.hash(data: Array(source.utf8))
        self.sha1 = String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
