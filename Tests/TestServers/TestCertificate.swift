/// A private certificate authority and one server certificate for `localhost`, as PEM files in a folder.
public struct TestCertificate: Sendable {
    /// The authority's certificate.
    public let authority: String
    /// The server's certificate, valid for `localhost` and 127.0.0.1.
    public let certificate: String
    /// The server's private key.
    public let key: String

    /// Makes the files with the `openssl` program.
    public init(in folder: TemporaryFolder) throws {
        authority = folder.file("ca.pem")
        certificate = folder.file("cert.pem")
        key = folder.file("key.pem")
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        _ = try ChildProcess.output(
            of: "openssl",
            ["req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", folder.file("ca.key")] + curve
                + ["-out", authority])
        _ = try ChildProcess.output(
            of: "openssl",
            ["req", "-x509", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
                + curve
                + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"]
                + ["-CA", authority, "-CAkey", folder.file("ca.key")])
    }
}
