import NIOSSL

/// TLS towards Redis: TLS 1.2 or newer, with the server's certificate and name always verified.
///
/// All files are PEM. They are read at each connection attempt, so that renewed certificates are picked up.
public struct RedisTLS: Sendable, Equatable {
    /// Certificates of the authorities to trust; nil trusts those of the system.
    public var authorityFile: String?
    /// Our certificate chain, where the server asks for one; needs ``keyFile`` too.
    public var certificateFile: String?
    /// The private key of ``certificateFile``.
    public var keyFile: String?

    /// Names the files.
    public init(authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
        self.authorityFile = authorityFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }

    /// Reads the files.
    func makeContext() throws(RedisError) -> NIOSSLContext {
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw RedisError(.badInput, "a TLS certificate for Redis and its key are given together or not at all")
        }
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.certificateVerification = .fullVerification
            // A peer that has vanished never says good-bye, and the next connection waits for this one's end.
            configuration.shutdownTimeout = .milliseconds(250)
            if let authorityFile { configuration.trustRoots = .file(authorityFile) }
            if let certificateFile {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificateFile)
                    .map { .certificate($0) }
            }
            if let keyFile {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw RedisError(.badInput, "cannot use the TLS files for Redis: \(error)", underlying: error)
        }
    }
}
