// SPDX-License-Identifier: Apache-2.0
import Egress
import Foundation
import HostAPI
import Subprocess
import SystemPackage
import Testing

/// Where Debian's package nginx-light puts it.
private let nginx = "/usr/sbin/nginx"

@Suite(
    "A server that others wrote",
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: nginx), "nginx is not installed: apt-get install nginx-light"))
struct NginxTests {
    private let folder: URL
    private let plain: Int
    private let secure: Int
    private let text = String(repeating: "All work and no play. ", count: 1000)

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "nginx-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Ports that were free a moment ago.
        let servers = [try await TestServer { _ in .ok("") }, try await TestServer { _ in .ok("") }]
        (plain, secure) = (servers[0].port, servers[1].port)
        for server in servers { await server.stop() }
        try Data(testCertificate.utf8).write(to: folder.appending(path: "cert.pem"))
        try Data(testKey.utf8).write(to: folder.appending(path: "key.pem"))
        try Data(text.utf8).write(to: folder.appending(path: "index.html"))
        let configuration = """
            pid nginx.pid; error_log stderr crit; worker_processes 1; daemon on;
            events { worker_connections 4096; }
            http {
                access_log off; gzip on; gzip_min_length 1; keepalive_requests 100000;
                client_body_temp_path .; proxy_temp_path .; fastcgi_temp_path .; uwsgi_temp_path .; scgi_temp_path .;
                server {
                    listen 127.0.0.1:\(plain); listen 127.0.0.1:\(secure) ssl http2; root \(folder.path());
                    ssl_certificate cert.pem; ssl_certificate_key key.pem;
                    location /moved { return 301 /index.html; }
                }
            }
            """
        try Data(configuration.utf8).write(to: folder.appending(path: "nginx.conf"))
        try await run([])
    }

    /// It listens when it has gone to the background.
    private func run(_ arguments: [String]) async throws {
        let result = try await Subprocess.run(
            .path(FilePath(nginx)),
            arguments: Arguments(["-p", folder.path(), "-c", "nginx.conf", "-e", "stderr"] + arguments),
            output: .discarded, error: .discarded)
        #expect(result.terminationStatus == .exited(0))
    }

    @Test(
        "A thousand requests at a time, over HTTP/1.1 and HTTP/2, bring what the server has", arguments: [false, true])
    func thousand(isSecure: Bool) async throws {
        let egress = try HTTPEgress(testOptions())
        let most = 1000
        let fetch = try TestFetch(
            egress, .everything, limits: HostLimits([.subrequests: 2 * most, .concurrentRequests: most]))
        let url = isSecure ? "https://secure.test:\(secure)/moved" : "http://secure.test:\(plain)/moved"
        try await withThrowingTaskGroup(of: Fetched.self) { group in
            for _ in 0..<most { group.addTask { try await fetch.get(url) } }
            for try await response in group {
                #expect(response.values("content-encoding") == ["gzip"])
                #expect(response.head.redirected)
                #expect(try await response.text() == text)
            }
        }
        #expect(fetch.used(.subrequests) == 2 * most)
        #expect(fetch.used(.concurrentRequests) == 0)
        #expect(fetch.used(.heldBytes) == 0)
        await egress.shutdown()
        try await run(["-s", "stop"])
        // The server, which is on its way out, removes files there at the same time.
        while FileManager.default.fileExists(atPath: folder.path()) { try? FileManager.default.removeItem(at: folder) }
    }
}
