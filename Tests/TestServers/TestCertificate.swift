import HoldfastPrivateServers

/// A private certificate authority, a server certificate for `localhost` and a client's, as PEM files in a folder.
public struct TestCertificate: Sendable {
    /// The authority's certificate.
    public let authority: String
    /// The server's certificate, valid for `localhost` and 127.0.0.1.
    public let certificate: String
    /// The server's private key.
    public let key: String
    /// A client's certificate, of the same authority.
    public let clientCertificate: String
    /// The client's private key.
    public let clientKey: String

    /// Makes the files with the `openssl` program.
    public init(in folder: TemporaryFolder) throws {
        authority = folder.file("ca.pem")
        certificate = folder.file("cert.pem")
        key = folder.file("key.pem")
        clientCertificate = folder.file("client-cert.pem")
        clientKey = folder.file("client-key.pem")
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        _ = try ChildProcess.output(
            of: "openssl",
            ["req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", folder.file("ca.key")] + curve
                + ["-out", authority])
        for (name, key, certificate) in [("localhost", key, certificate), ("client", clientKey, clientCertificate)] {
            _ = try ChildProcess.output(
                of: "openssl",
                ["req", "-x509", "-days", "2", "-subj", "/CN=\(name)", "-keyout", key, "-out", certificate]
                    + curve
                    + ["-addext", "subjectAltName=DNS:\(name),IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"]
                    + ["-CA", authority, "-CAkey", folder.file("ca.key")])
        }
    }
}
